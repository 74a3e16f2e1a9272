using System.Buffers;

namespace CriRuntime.CriServer.Observability;

/// <summary>One record on its way into a line.</summary>
/// <param name="Values">The template's values, and last the template itself under <c>{OriginalFormat}</c>.</param>
internal readonly record struct LogRecord(
    LogLevel Level,
    string Category,
    string Message,
    IReadOnlyList<KeyValuePair<string, object?>> Values,
    Exception? Exception)
{
    /// <summary>The last part of the category: the class that logs.</summary>
    internal string Source => Category[(Category.LastIndexOf('.') + 1)..];
}

/// <summary>How a record becomes one line, its newline included; no newline inside.</summary>
internal interface ILogLineFormat
{
    void Write(IBufferWriter<byte> line, in LogRecord record, DateTimeOffset time, IExternalScopeProvider scopes);
}
