namespace CriRuntime.Linux;

/// <summary>
/// A child started by posix_spawn(3), which is safe in a process of many threads, held by a pidfd.
/// The reactor reaps it when it ends, whether or not anybody waits for <see cref="Exited"/>.
/// </summary>
public sealed class SpawnedProcess : IDisposable
{
    private readonly TaskCompletionSource<ExitStatus> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _starting = new();
    private readonly Reactor.Registration _registration;

    private SpawnedProcess(int pid, Reactor reactor)
    {
        Pid = pid;
        // Only this object reaps the child, so the pid cannot have been given to another yet.
        PidFd = CriRuntime.Linux.PidFd.Open(pid);
        lock (_starting)
            _registration = reactor.Watch(PidFd, Readiness.Readable, Reap);
    }

    public int Pid { get; }

    /// <summary>Readable once the child has ended. Valid until <see cref="Exited"/> is complete and this object disposed.</summary>
    public FileDescriptor PidFd { get; }

    /// <summary>Completes on the thread pool when the child has ended and was reaped.</summary>
    public Task<ExitStatus> Exited => _exited.Task;

    /// <summary>Starts a program.</summary>
    /// <exception cref="LinuxException">It could not be executed: the kernel's reason for the path.</exception>
    public static SpawnedProcess Start(SpawnOptions options, Reactor? reactor = null) =>
        new(PosixSpawn.Spawn(options), reactor ?? Reactor.Shared);

    /// <summary>Sends a signal (1..64) to the child alone. False when it has ended.</summary>
    public bool Signal(int signal) => !PidFd.IsClosed && CriRuntime.Linux.PidFd.Signal(PidFd, signal);

    /// <summary>Sends SIGKILL to the child and to the process group that it leads (with <see cref="SpawnOptions.NewSession"/>). Call before the child was reaped.</summary>
    public void KillGroup()
    {
        if (_exited.Task.IsCompleted)
            return;
        if (Libc.Kill(-Pid, 9) < 0 && Gate.LastErrno != Errno.ESRCH)
            Gate.Check(-1, "kill", $"group {Pid}");
        Signal(9);
    }

    /// <summary>Lets go of the child without ending it. One that still runs is reaped later all the same.</summary>
    public void Dispose()
    {
        if (_exited.Task.IsCompleted)
            PidFd.Dispose();
        else
            _exited.Task.ContinueWith(_ => PidFd.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Reap(Readiness readiness)
    {
        try
        {
            if (CriRuntime.Linux.PidFd.TryReap(PidFd) is not { } status)
                return;
            StopWatching();
            _exited.TrySetResult(status);
        }
        catch (LinuxException e)
        {
            // Somebody else in this process reaped it; its status is lost, but no waiter may hang.
            StopWatching();
            _exited.TrySetException(e);
        }
    }

    // A child that ends at once is reaped before the constructor has stored the registration.
    private void StopWatching()
    {
        lock (_starting)
            _registration.Dispose();
    }
}
