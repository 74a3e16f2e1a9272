using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CriRuntime.Streaming.RemoteCommand;

/// <summary>What goes on the error channel at the end: from protocol v4 on a metav1.Status as JSON, before that the message of a failure as text.</summary>
internal static class RemoteCommandStatus
{
    internal static byte[] Encode(RemoteCommandOutcome outcome, bool asJson) => outcome switch
    {
        RemoteCommandOutcome.Succeeded when !asJson => [],
        RemoteCommandOutcome.Succeeded => Json(static json => json.WriteString("status"u8, "Success"u8)),
        _ when !asJson => Encoding.UTF8.GetBytes(Message(outcome)),
        RemoteCommandOutcome.Exited exited => Json(json => WriteExit(json, exited)),
        RemoteCommandOutcome.Failed failed => Json(json => WriteFailure(json, failed)),
        _ => throw new ArgumentException($"No status for {outcome}.", nameof(outcome)),
    };

    private static string Message(RemoteCommandOutcome outcome) => outcome switch
    {
        RemoteCommandOutcome.Exited exited => $"command terminated with non-zero exit code: exit status {exited.Code}",
        RemoteCommandOutcome.Failed failed => $"Internal error occurred: {failed.Message}",
        _ => "",
    };

    private static void WriteExit(Utf8JsonWriter json, RemoteCommandOutcome.Exited exited)
    {
        WriteHead(json, exited, "NonZeroExitCode");
        json.WriteStartObject("details"u8);
        json.WriteStartArray("causes"u8);
        json.WriteStartObject();
        json.WriteString("reason"u8, "ExitCode"u8);
        json.WriteString("message"u8, exited.Code.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFailure(Utf8JsonWriter json, RemoteCommandOutcome.Failed failed)
    {
        WriteHead(json, failed, "InternalError");
        json.WriteStartObject("details"u8);
        json.WriteStartArray("causes"u8);
        json.WriteStartObject();
        json.WriteString("message"u8, failed.Message);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteNumber("code"u8, 500);
    }

    private static void WriteHead(Utf8JsonWriter json, RemoteCommandOutcome outcome, string reason)
    {
        json.WriteString("status"u8, "Failure"u8);
        json.WriteString("message"u8, Message(outcome));
        json.WriteString("reason"u8, reason);
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata"u8);
            json.WriteEndObject();
            write(json);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }
}
