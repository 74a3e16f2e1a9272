using CriRuntime.Conmon.Attach;
using CriRuntime.Conmon.Connections;
using CriRuntime.Conmon.Exits;
using CriRuntime.Conmon.Launching;
using CriRuntime.Conmon.Loop;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;

namespace CriRuntime.Conmon.Containers;

/// <summary>
/// One container, from clone to deletion:
/// <code>
///   Creating ──set up──▶ Created ──StartContainer──▶ Starting ──exec──▶ Running
///      │                    │                           │                  │
///      │ a step failed      │ killed at the gate        │ exec failed      │ ended
///      ▼                    └───────────────┬───────────┴──────────────────┘
///   forgotten                               ▼
///                      Exited: output drained, record on disk, event sent
///                                           │ DeleteContainer (from any state: kills first)
///                                           ▼
///                                       forgotten
/// </code>
/// </summary>
internal sealed class Container : IChild, IDisposable
{
    /// <summary>The exit code of a container whose program could not be executed.</summary>
    private const int StartFailedCode = 128;

    private const int SigKill = 9;

    /// <summary>Killed processes are gone within a millisecond or two, on a busy machine later, unless the kernel holds them: about a second in all.</summary>
    private const int MaxKillAttempts = 9;

    private readonly MonitorContext _context;
    private readonly ILaunch _launch;
    private readonly ContainerOutput _output;
    private int _killAttempts;
    private Requester _creator;
    private Requester _starter;
    private OomCounter? _oom;

    internal Container(MonitorContext context, string id, ILaunch launch, ContainerOutput output, ContainerCgroups cgroups, Requester creator)
    {
        _context = context;
        Id = id;
        _launch = launch;
        _output = output;
        _creator = creator;
        Cgroups = cgroups;
        launch.Watch(this, OnStatus);
    }

    internal string Id { get; }

    internal MonitoredState State { get; private set; } = MonitoredState.Creating;

    internal ContainerCgroups Cgroups { get; }

    internal ContainerExit? Exit { get; private set; }

    /// <summary>The exit is on record and was told; until then it is still being copied and killed.</summary>
    internal bool Announced { get; private set; }

    /// <summary>Called once, when the container's exit was announced or its creation has failed (then it is not to be listed any more).</summary>
    internal Action<Container>? Ended { get; set; }

    internal MonitoredContainer Describe() => new(Id, _launch.Pid, State, _output.LostLogBytes, Exit)
    {
        RateLimitedLogBytes = _output.RateLimitedLogBytes,
        DroppedAttachments = _output.Attachments.DroppedCount,
    };

    /// <param name="requester">Hears of it when the program runs.</param>
    /// <param name="plan">Starts another runtime's binary for it; null for the built-in one.</param>
    internal void Start(Requester requester, LaunchPlan? plan)
    {
        Require(MonitoredState.Created, "started");
        _launch.Release(plan);
        _starter = requester;
        State = MonitoredState.Starting;
    }

    /// <summary>Signals the first process; nothing when it has ended.</summary>
    internal void Signal(int signal)
    {
        if (State != MonitoredState.Exited)
            _launch.Signal(signal);
    }

    internal void KillAll()
    {
        Signal(SigKill);
        Cgroups.KillAll();
    }

    internal void ReopenLog() => _output.ReopenLog();

    internal void Resize(int width, int height) => _output.Resize(width, height);

    /// <exception cref="MonitorException">WrongState: it is not set up, has ended, or has no stdin.</exception>
    internal AttachmentSet RequireAttachable(bool stdin)
    {
        if (State is MonitoredState.Creating or MonitoredState.Exited)
            throw new MonitorException(MonitorErrorKind.WrongState, $"container {Id} cannot be attached to: it is {State}");
        if (stdin && _output.Attachments.Stdin is null)
            throw new MonitorException(MonitorErrorKind.WrongState, $"container {Id} has no stdin: it was made without");
        return _output.Attachments;
    }

    internal Attachment? FindAttachment(long id) => _output.Attachments.Find(id);

    public void OnEnded()
    {
        if (State is MonitoredState.Creating or MonitoredState.Starting)
            OnStatus();
        if (State is not MonitoredState.Exited && _launch.TryReap() is { } status)
            End(status.ExitCode, status.Signal);
    }

    public void Dispose()
    {
        if (_oom is not null)
            _context.OomKills.Forget(_oom);
        _output.Dispose();
        _launch.Dispose();
    }

    private void OnStatus()
    {
        try
        {
            Advance(_launch.Advance());
            if (State is MonitoredState.Created or MonitoredState.Running && _launch.HeldEnd is { } end)
                End(end.ExitCode, end.Signal);
        }
        catch (Exception e) when (e is LaunchException or LinuxException or MonitorException)
        {
            _launch.Abandon();
            FailLaunch(e);
        }
    }

    private void Advance(LaunchPhase phase)
    {
        if (State == MonitoredState.Creating && phase == LaunchPhase.Ready)
        {
            State = MonitoredState.Created;
            _oom = _context.OomKills.Open(Cgroups.Directories);
            _output.Begin(_launch.TakeTerminal());
            _context.Warn(_launch.Warnings, Id);
            _creator.Succeed(new CreateContainerReply(_launch.Pid, new LaunchMoments(_launch.Moments)));
        }
        else if (State == MonitoredState.Starting && phase == LaunchPhase.Running)
        {
            State = MonitoredState.Running;
            _starter.Succeed();
        }
    }

    private void FailLaunch(Exception failure)
    {
        if (State == MonitoredState.Starting)
        {
            _starter.Fail(MonitorErrorKind.LaunchFailed, failure.Message);
            End(StartFailedCode, signal: 0);
            return;
        }

        // Before anything is heard of it by others: to them it never was.
        _creator.Fail(MonitorErrorKind.LaunchFailed, failure.Message);
        State = MonitoredState.Exited;
        Ended?.Invoke(this);
    }

    private void End(int exitCode, int signal)
    {
        State = MonitoredState.Exited;
        Exit = new ContainerExit(Id, exitCode, signal, _oom?.HasStruck(exitCode) ?? false, RealtimeClock.Nanoseconds());
        EndOthers();
    }

    // Without a pid namespace of its own (the pod's, or the host's) a container's other processes outlive the first. They end with it, as
    // the kernel does it for the others.
    private void EndOthers()
    {
        if (Cgroups.IsEmpty || Cgroups.KillAll() || ++_killAttempts > MaxKillAttempts)
        {
            _output.WhenDrained(Announce);
            return;
        }

        // 2, 4, ... 512 ms.
        _context.Loop.After(TimeSpan.FromMilliseconds(1 << _killAttempts), EndOthers);
    }

    private void Announce()
    {
        Announced = true;
        try
        {
            _context.ExitRecords!.Write(Exit!);
        }
        catch (LinuxException e)
        {
            // The daemon still hears of it, now and by List; only a death of the monitor would lose it.
            _context.Log.Error($"container {Id}: the exit record could not be written: {e.Message}");
        }

        _context.Connections.Broadcast(MessageType.ContainerExited, Exit!);
        Ended?.Invoke(this);
    }

    private void Require(MonitoredState state, string verb)
    {
        if (State != state)
            throw new MonitorException(MonitorErrorKind.WrongState, $"container {Id} cannot be {verb}: it is {State}");
    }
}
