using System.Text;
using System.Text.Json.Nodes;

namespace CriRuntime.Bench.Streams;

/// <summary>How an exec or attach ended: the metav1.Status on its error channel.</summary>
internal sealed class StreamStatus
{
    private readonly StringBuilder _text = new();

    /// <summary>None came so far.</summary>
    internal bool Missing => _text.Length == 0;

    internal bool Success => !Missing && (string?)Json["status"] == "Success";

    /// <summary>Why it failed; empty when the server said nothing.</summary>
    internal string Message => Missing ? "" : (string?)Json["message"] ?? "";

    private JsonNode Json => JsonNode.Parse(_text.ToString()) ?? throw new InvalidDataException("the status is null");

    internal void Append(ReadOnlyMemory<byte> bytes) => _text.Append(Encoding.UTF8.GetString(bytes.Span));
}
