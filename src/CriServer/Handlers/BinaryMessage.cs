using System.Text;
using System.Text.Json;

namespace CriRuntime.CriServer.Handlers;

/// <summary>Finds in a binary's log what went wrong.</summary>
public static class BinaryMessage
{
    private const int LongestLog = 64 * 1024;
    private const int LongestMessage = 4096;

    /// <summary>The last error in a log of JSON lines, as runc and crun write it; null where there is none. What is no such line is passed over.</summary>
    public static string? Last(string path)
    {
        string? message = null;
        foreach (ReadOnlyMemory<byte> line in Lines(path))
            message = MessageOf(line) ?? message;
        return message is { Length: > LongestMessage } ? message[..LongestMessage] : message;
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Lines(string path)
    {
        byte[] end;
        try
        {
            using FileStream file = File.OpenRead(path);
            file.Seek(-Math.Min(file.Length, LongestLog), SeekOrigin.End);
            end = new byte[Math.Min(file.Length, LongestLog)];
            end = end[..file.ReadAtLeast(end, end.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        ReadOnlyMemory<byte> rest = end;
        while (!rest.IsEmpty)
        {
            int length = rest.Span.IndexOf((byte)'\n');
            yield return length < 0 ? rest : rest[..length];
            rest = length < 0 ? default : rest[(length + 1)..];
        }
    }

    private static string? MessageOf(ReadOnlyMemory<byte> line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            bool isError = root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("level", out JsonElement level) && level.ValueKind == JsonValueKind.String && level.GetString() is "error" or "fatal";
            return isError && root.TryGetProperty("msg", out JsonElement message) && message.ValueKind == JsonValueKind.String
                ? Printable(message.GetString()!)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // InvalidOperationException: a string that is not text
        }
    }

    private static string Printable(string message)
    {
        StringBuilder text = new(message.Length);
        foreach (char c in message)
            text.Append(char.IsControl(c) ? ' ' : c);
        return text.ToString().Trim();
    }
}
