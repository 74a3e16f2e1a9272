using System.Buffers;
using System.Collections.Concurrent;
using CriRuntime.CriServer.Configuration;

namespace CriRuntime.CriServer.Observability;

/// <summary>
/// Logs one line a record to a stream, as logfmt or JSON, with the ids of the surrounding scopes. Writes happen on the
/// caller's thread under a lock that covers nothing but one <c>write</c>: the daemon logs little at its usual level,
/// and a line that was logged is out even when the process is killed next.
/// </summary>
public sealed class LineLoggerProvider(Stream output, LogConfiguration configuration, TimeProvider clock) : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentDictionary<string, LineLogger> _loggers = new(StringComparer.Ordinal);
    private readonly LogLevel _minimum = LogLevels.Parse(configuration.Level) ?? LogLevel.Information;
    private readonly ILogLineFormat _format = configuration.Format == "json" ? new JsonLogLine() : new TextLogLine();
    private readonly Lock _gate = new();

    internal IExternalScopeProvider Scopes { get; private set; } = new LoggerExternalScopeProvider();

    public ILogger CreateLogger(string categoryName) =>
        _loggers.GetOrAdd(categoryName, static (name, provider) => new LineLogger(name, provider), this);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => Scopes = scopeProvider;

    public void Dispose() => output.Flush();

    internal bool IsEnabled(LogLevel level) => level >= _minimum && level != LogLevel.None;

    internal void Write(in LogRecord record)
    {
        ArrayBufferWriter<byte> line = new(256);
        _format.Write(line, record, clock.GetUtcNow(), Scopes);
        lock (_gate)
        {
            output.Write(line.WrittenSpan);
            output.Flush();
        }
    }
}
