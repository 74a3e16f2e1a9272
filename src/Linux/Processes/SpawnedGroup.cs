namespace CriRuntime.Linux;

/// <summary>
/// A child that leads a session and process group of its own, to be ended as a whole, whatever it has started meanwhile.
/// Only <see cref="TryReap"/> reaps the leader, so that until then its pid names this group and no other.
/// Use by one thread at a time, except <see cref="Kill"/>, which must not run beside TryReap.
/// </summary>
public sealed class SpawnedGroup : IDisposable
{
    private readonly Reactor _reactor;
    private bool _reaped;

    private SpawnedGroup(int pid, Reactor reactor)
    {
        Pid = pid;
        PidFd = CriRuntime.Linux.PidFd.Open(pid);
        _reactor = reactor;
    }

    /// <summary>The leader, and the number of the group.</summary>
    public int Pid { get; }

    /// <summary>Readable once the leader has ended.</summary>
    public FileDescriptor PidFd { get; }

    /// <summary>Starts a program in a new session.</summary>
    /// <exception cref="LinuxException">It could not be executed: the kernel's reason for the path.</exception>
    public static SpawnedGroup Start(SpawnOptions options, Reactor? reactor = null) =>
        new(PosixSpawn.Spawn(options with { NewSession = true }), reactor ?? Reactor.Shared);

    /// <summary>Sends SIGKILL to every process of the group, also when the leader has ended already.</summary>
    public void Kill()
    {
        if (!_reaped && Libc.Kill(-Pid, 9) < 0 && Gate.LastErrno != Errno.ESRCH)
            Gate.Check(-1, "kill", $"group {Pid}");
    }

    /// <summary>How the leader ended, without reaping it; null while it runs.</summary>
    public ExitStatus? TryPeek() => CriRuntime.Linux.PidFd.TryPeek(PidFd);

    /// <summary>Reaps the leader when it has ended; null while it runs.</summary>
    public ExitStatus? TryReap()
    {
        ExitStatus? status = CriRuntime.Linux.PidFd.TryReap(PidFd);
        _reaped |= status is not null;
        return status;
    }

    /// <summary>Lets go. A leader that was not reaped is killed with its group, and reaped when it ends.</summary>
    public void Dispose()
    {
        if (_reaped)
        {
            PidFd.Dispose();
            return;
        }

        Kill();
        _ = ReapLaterAsync();
    }

    private async Task ReapLaterAsync()
    {
        await _reactor.WaitAsync(PidFd, Readiness.Readable, CancellationToken.None).ConfigureAwait(false);
        TryReap();
        PidFd.Dispose();
    }
}
