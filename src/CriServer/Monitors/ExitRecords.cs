using CriRuntime.Conmon.Protocol;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Monitors;

/// <inheritdoc cref="IExitRecords"/>
public sealed class ExitRecords(StateDirectories directories, ILogger<ExitRecords> logger) : IExitRecords
{
    public ContainerExitNotice? Read(string podId, string containerId)
    {
        try
        {
            return ExitRecord.Read(directories.Pod(podId), containerId) is { } exit
                ? new ContainerExitNotice(exit.Id, exit.ExitCode, exit.OomKilled, exit.FinishedAt)
                : null;
        }
        catch (Exception e) when (e is FormatException or IOException)
        {
            MonitorLog.UnreadableExitRecord(logger, containerId, e.Message);
            return null;
        }
    }
}
