using Microsoft.Extensions.Logging;

namespace CriRuntime.CriServer.Tests.Fakes;

/// <summary>Keeps what is logged.</summary>
internal sealed class LineLog : ILoggerProvider, ILogger
{
    private readonly LoggerFactory _factory;
    private readonly Lock _gate = new();
    private readonly List<(LogLevel Level, string Line)> _lines = [];

    public LineLog() => _factory = new LoggerFactory([this], new LoggerFilterOptions { MinLevel = LogLevel.Trace });

    /// <summary>So far.</summary>
    public IReadOnlyList<(LogLevel Level, string Line)> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    public ILogger<T> CreateLogger<T>() => _factory.CreateLogger<T>();

    public ILogger CreateLogger(string categoryName) => this;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate)
            _lines.Add((logLevel, formatter(state, exception)));
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Dispose()
    {
    }
}
