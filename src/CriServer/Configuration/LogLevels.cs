namespace CriRuntime.CriServer.Configuration;

/// <summary>The level names that operators write, and the levels they mean.</summary>
internal static class LogLevels
{
    internal const string Names = "trace, debug, info, warning, error, critical";

    /// <returns>Null for a name that is none of <see cref="Names"/>.</returns>
    internal static LogLevel? Parse(string name) => name switch
    {
        "trace" => LogLevel.Trace,
        "debug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        "warning" or "warn" => LogLevel.Warning,
        "error" => LogLevel.Error,
        "critical" or "fatal" => LogLevel.Critical,
        _ => null,
    };

    internal static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };
}
