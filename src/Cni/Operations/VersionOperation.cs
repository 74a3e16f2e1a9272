using System.Text.Json;
using CriRuntime.Cni.Configuration;
using CriRuntime.Cni.Plugins;

namespace CriRuntime.Cni.Operations;

/// <summary>VERSION: which versions of the specification does a plugin speak?</summary>
internal sealed class VersionOperation(PluginInvoker invoker)
{
    // Old plugins check the other variables before they look at the command.
    private static readonly JsonElement NoCapabilities = NetworkConfigParser.ParseObject("{}"u8.ToArray());
    private static readonly Attachment Dummy = new("dummy", "dummy", "dummy", [], NoCapabilities, "none");

    internal async Task<IReadOnlyList<string>> RunAsync(string network, string plugin, CancellationToken cancellationToken)
    {
        PluginCall call = new("VERSION", plugin, network, Dummy, """{"cniVersion":"1.1.0"}"""u8.ToArray());
        JsonElement answer = (await invoker.InvokeAsync(call, cancellationToken).ConfigureAwait(false))!.Value;
        if (answer.ValueKind != JsonValueKind.Object)
            throw call.Failed(CniFailure.InvalidOutput, "printed no version object");
        // Before 0.2.0 only the one version was told.
        if (answer.TryGetProperty("supportedVersions", out JsonElement list) && list.ValueKind == JsonValueKind.Array)
            return JsonText.StringsOf(list);
        return answer.TryGetProperty("cniVersion", out JsonElement one) && one.ValueKind == JsonValueKind.String ? [one.GetString()!] : [];
    }
}
