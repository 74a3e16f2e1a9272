using System.Text.Json;
using CriRuntime.Linux;
using CriRuntime.Tracing;

namespace CriRuntime.Cni.Plugins;

/// <summary>Executes plugins and judges their answers (CNI spec section 2). Stateless; calls for different pods run in parallel.</summary>
internal sealed class PluginInvoker(PluginDirectories directories, TimeSpan timeout)
{
    // What the daemon was started with: plugins look for iptables in PATH. The call's own variables come on top.
    private readonly string[] _environment = [.. OwnEnvironment()];

    /// <summary>Runs the plugin and returns the object it printed; null where it printed nothing of use.</summary>
    /// <exception cref="CniException">Anything but success, naming plugin, network and pod.</exception>
    internal Task<JsonElement?> InvokeAsync(PluginCall call, CancellationToken cancellationToken) => Spans.RunAsync(call.Plugin, span =>
    {
        span?.SetTag("cni.command", call.Command);
        span?.SetTag("cni.network", call.Network);
        return RunAsync(call, cancellationToken);
    });

    private async Task<JsonElement?> RunAsync(PluginCall call, CancellationToken cancellationToken)
    {
        string path = directories.Find(call.Plugin)
            ?? throw call.Failed(CniFailure.PluginMissing, $"is not in {directories.Path}; install it there, or remove it from the configuration");
        ProgramOutcome outcome;
        try
        {
            outcome = await ProgramRun.RunAsync(new SpawnOptions(path, [path]) { Environment = EnvironmentOf(call) }, call.Stdin, timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (LinuxException e)
        {
            throw call.Failed(CniFailure.PluginMissing, $"cannot be executed: {e.Message}", inner: e);
        }

        ThrowUnlessExited(call, outcome);
        return outcome.Status is { Signal: 0, Status: 0 } ? Succeeded(call, outcome) : throw Failed(call, outcome);
    }

    private void ThrowUnlessExited(PluginCall call, ProgramOutcome outcome)
    {
        switch (outcome.End)
        {
            case ProgramEnd.TimedOut:
                throw call.Failed(CniFailure.TimedOut, $"did not finish within {timeout.TotalSeconds:0.###} s and was killed{Stderr(outcome)}");
            case ProgramEnd.Unkillable:
                throw call.Failed(CniFailure.TimedOut, $"did not finish within {timeout.TotalSeconds:0.###} s and does not die when killed");
            case ProgramEnd.TooMuchOutput:
                throw call.Failed(CniFailure.InvalidOutput, $"printed too much (limit {ProgramRun.StdoutLimit} bytes) and was killed: {PluginError.Shown(outcome.Stdout)}");
            case ProgramEnd.OutputHeld:
                throw call.Failed(CniFailure.InvalidOutput, "exited but left a process behind that holds its output open; it was killed");
        }
    }

    private static JsonElement? Succeeded(PluginCall call, ProgramOutcome outcome)
    {
        JsonElement root;
        try
        {
            using JsonDocument document = JsonDocument.Parse(outcome.Stdout);
            root = document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            // Only ADD and VERSION owe an answer.
            if (call.Command is not ("ADD" or "VERSION"))
                return null;
            string shown = outcome.Stdout.Length == 0 ? "nothing" : $"no JSON: {PluginError.Shown(outcome.Stdout)}";
            throw call.Failed(CniFailure.InvalidOutput, $"succeeded but printed {shown}{Stderr(outcome)}", inner: e);
        }

        if (PluginError.Parse(root) is { } error)
            throw call.Failed(CniFailure.PluginError, $"failed (with exit status 0): {error}", error.Code);
        return root;
    }

    private static CniException Failed(PluginCall call, ProgramOutcome outcome)
    {
        if (outcome.Status.Signal != 0)
            return call.Failed(CniFailure.Crashed, $"was ended by signal {outcome.Status.Signal}{Stderr(outcome)}");
        if (PluginError.Parse(outcome.Stdout) is { } error)
            return call.Failed(CniFailure.PluginError, $"failed: {error}", error.Code);
        string stdout = outcome.Stdout.Length == 0 ? " without a message" : $", printing {PluginError.Shown(outcome.Stdout)}";
        return call.Failed(CniFailure.PluginError, $"failed with exit status {outcome.Status.Status}{stdout}{Stderr(outcome)}");
    }

    private static string Stderr(ProgramOutcome outcome) =>
        outcome.Stderr.Length == 0 ? "" : $"; stderr: {PluginError.Shown(outcome.Stderr)}";

    private List<string> EnvironmentOf(PluginCall call)
    {
        List<string> environment = new(_environment.Length + 6);
        environment.AddRange(_environment);
        environment.Add($"CNI_COMMAND={call.Command}");
        environment.Add($"CNI_PATH={directories.Path}");
        if (call.Attachment is { } attachment)
        {
            environment.Add($"CNI_CONTAINERID={attachment.ContainerId}");
            environment.Add($"CNI_NETNS={attachment.Netns}");
            environment.Add($"CNI_IFNAME={attachment.IfName}");
            environment.Add($"CNI_ARGS={attachment.ArgumentText}");
        }

        return environment;
    }

    private static IEnumerable<string> OwnEnvironment()
    {
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable.Key is string name && !name.StartsWith("CNI_", StringComparison.Ordinal))
                yield return $"{name}={variable.Value}";
        }
    }
}
