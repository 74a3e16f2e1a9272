using CriRuntime.Conmon.Logs;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Containers;

/// <summary>Tells daemons, and the monitor's own log, that a container's log loses output or does so no longer.</summary>
internal sealed class LogReporter(MonitorContext context, string id) : ILogObserver
{
    public void OnTrouble(LogTroubleKind kind, Errno error, long lostBytes)
    {
        context.Log.Warning(kind switch
        {
            LogTroubleKind.WriteFailed => $"container {id}: the log cannot be written: {error}; output is dropped until it can",
            LogTroubleKind.Recovered => $"container {id}: the log can be written again; {lostBytes} bytes were lost so far",
            _ => $"container {id}: output exceeds the log's rate; {lostBytes} bytes were dropped so far",
        });
        context.Connections.Broadcast(MessageType.LogTroubled, new LogTrouble(id, kind, (int)error, lostBytes));
    }
}
