using System.Globalization;
using System.Text.Json;

namespace CriRuntime.OciCli;

/// <summary>Warnings and errors: to standard error, or appended to the file of --log, in runc's text or JSON form, which monitors read.</summary>
internal sealed class RuntimeLog(string? path, bool json, bool debug)
{
    internal void Debug(string message)
    {
        if (debug)
            Write("debug", message);
    }

    internal void Warn(string message) => Write("warning", message);

    internal void Error(string message) => Write("error", message);

    private void Write(string level, string message)
    {
        string line = json ? Json(level, message) : Text(level, message);
        if (path is not null)
            File.AppendAllText(path, line + "\n");
        if (path is null || level == "error")
            Output.ErrorLine($"cri-oci: {message}");
    }

    private static string Json(string level, string message) =>
        $"{{\"level\":\"{level}\",\"msg\":\"{JsonEncodedText.Encode(message)}\",\"time\":\"{Now()}\"}}";

    private static string Text(string level, string message) =>
        $"time=\"{Now()}\" level={level} msg=\"{JsonEncodedText.Encode(message)}\"";

    private static string Now() => DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
}
