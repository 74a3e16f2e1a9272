namespace CriRuntime.Linux;

/// <summary>A process that is not this one's child, watched by a pidfd until it ends.</summary>
public sealed class WatchedProcess : IDisposable
{
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _closing = new();
    private readonly Reactor.Registration _registration;
    private bool _closed;

    /// <exception cref="LinuxException">ESRCH: there is no such process.</exception>
    public WatchedProcess(int pid, Reactor reactor)
    {
        PidFd = CriRuntime.Linux.PidFd.Open(pid);
        lock (_closing)
            _registration = reactor.Watch(PidFd, Readiness.Readable, _ => End());
    }

    public FileDescriptor PidFd { get; }

    /// <summary>Completes on the thread pool when the process has ended; never after Dispose.</summary>
    public Task Exited => _exited.Task;

    public void Dispose()
    {
        lock (_closing)
        {
            if (_closed)
                return;
            _closed = true;
            _registration.Dispose();
            PidFd.Dispose();
        }
    }

    private void End()
    {
        lock (_closing)
        {
            if (_closed)
                return;
            _registration.Dispose();
        }

        _exited.TrySetResult();
    }
}
