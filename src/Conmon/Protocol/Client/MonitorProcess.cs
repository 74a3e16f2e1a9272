using CriRuntime.Linux;

namespace CriRuntime.Conmon.Protocol;

/// <summary>The monitor's process, held by a pidfd: a child of this daemon, or of one before it.</summary>
internal sealed class MonitorProcess : IDisposable
{
    private readonly IDisposable _process;

    private MonitorProcess(int pid, Task exited, IDisposable process)
    {
        Pid = pid;
        Exited = exited;
        _process = process;
    }

    internal int Pid { get; }

    internal Task Exited { get; }

    internal static MonitorProcess Child(SpawnedProcess process) => new(process.Pid, process.Exited, process);

    internal static MonitorProcess Stranger(int pid)
    {
        WatchedProcess process = new(pid, Reactor.Shared);
        return new(pid, process.Exited, process);
    }

    public void Dispose() => _process.Dispose();
}
