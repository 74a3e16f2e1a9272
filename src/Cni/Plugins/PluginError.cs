using System.Text;
using System.Text.Json;
using CriRuntime.Cni.Configuration;

namespace CriRuntime.Cni.Plugins;

/// <summary>A plugin's error object (CNI spec section 5, "Error").</summary>
internal sealed record PluginError(int Code, string Message, string Details)
{
    private const int TextLimit = 2048;

    /// <summary>Reads one; null when the output is not an error object.</summary>
    internal static PluginError? Parse(ReadOnlyMemory<byte> output)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(output);
            return Parse(document.RootElement);
        }
        catch (JsonException)
        {
            // Not JSON, so not an error object: the caller shows the text itself.
            return null;
        }
    }

    /// <inheritdoc cref="Parse(ReadOnlyMemory{byte})"/>
    internal static PluginError? Parse(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("code", out JsonElement code) || code.ValueKind != JsonValueKind.Number || !code.TryGetInt32(out int number) || number == 0)
            return null;
        return new PluginError(number, Text(root, "msg"), Text(root, "details"));
    }

    public override string ToString() =>
        $"{(Message.Length > 0 ? Message : "no message")} (code {Code}){(Details.Length > 0 ? $": {Details}" : "")}";

    /// <summary>What a plugin wrote, fit for a message.</summary>
    internal static string Shown(ReadOnlyMemory<byte> output) =>
        CniNames.Printable(Encoding.UTF8.GetString(output.Span[..Math.Min(output.Length, TextLimit)]), 512);

    private static string Text(JsonElement root, string key) =>
        root.TryGetProperty(key, out JsonElement text) && text.ValueKind == JsonValueKind.String ? CniNames.Printable(text.GetString()!, TextLimit) : "";
}
