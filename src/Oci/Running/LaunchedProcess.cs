using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Planning;

namespace CriRuntime.Oci.Running;

/// <summary>
/// A process on its way from clone to exec (see <see cref="LaunchPhase"/>), and after that a pid and a pidfd. An event loop polls
/// <see cref="Status"/> and calls <see cref="TryReadStatus"/>; a program with nothing else to do calls <see cref="WaitReady"/>
/// and <see cref="WaitRunning"/>. Whoever owns this object reaps the process, except after a <see cref="LaunchException"/>, when that is done.
/// </summary>
public sealed class LaunchedProcess : IDisposable
{
    private const int SigKill = 9;

    private readonly LaunchPlan plan;
    private readonly List<string> warnings;
    private readonly FileDescriptor channel;
    private readonly LaunchClock? clock;
    private PlanImage? image;
    private FileDescriptor? terminal;
    private bool reaped;

    internal LaunchedProcess(LaunchPlan plan, PlanImage image, int pid, FileDescriptor pidFd, FileDescriptor channel, List<string> warnings, LaunchClock? clock)
    {
        this.plan = plan;
        this.image = image;
        this.channel = channel;
        this.warnings = warnings;
        this.clock = clock;
        Pid = pid;
        PidFd = pidFd;
    }

    /// <summary>The process id in this process's pid namespace.</summary>
    public int Pid { get; private set; }

    /// <summary>Readable when the process has ended (pidfd_open(2)); closed by Dispose.</summary>
    public FileDescriptor PidFd { get; private set; }

    /// <summary>Readable when <see cref="TryReadStatus"/> has something to read; at its end once the program runs. Closed by Dispose.</summary>
    public FileDescriptor Status => channel;

    public LaunchPhase Phase { get; private set; }

    /// <summary>What the host could not give and the plan did without.</summary>
    public IReadOnlyList<string> Warnings => warnings;

    /// <summary>When its stages began, as far as it has come; empty unless the plan is timed (<see cref="PlanFlags.Timed"/>).</summary>
    public IReadOnlyList<LaunchMoment> Moments => clock?.Moments ?? [];

    /// <summary>Reads what the child has to say and does the parent's part of it, without waiting for more.</summary>
    /// <exception cref="LaunchException">The launch failed.</exception>
    public LaunchPhase TryReadStatus()
    {
        while (IsUnderWay && Advance(wait: false))
        {
        }
        return Phase;
    }

    /// <summary>Waits until the process stands at the gate, has done its work (a plan without a program), or runs (a plan without a gate).</summary>
    /// <exception cref="LaunchException">The launch failed.</exception>
    public void WaitReady()
    {
        while (IsUnderWay && Phase != LaunchPhase.Ready)
            Advance(wait: true);
    }

    /// <summary>Lets a process at the gate execute its program. Whether that succeeds shows on <see cref="Status"/>.</summary>
    /// <exception cref="InvalidOperationException">It does not stand at the gate, or the gate is a fifo.</exception>
    public void Release()
    {
        if (Phase != LaunchPhase.Ready || plan.Header.GateSlot >= 0)
            throw new InvalidOperationException($"The process cannot be released: it is {Phase}.");
        Phase = LaunchPhase.Releasing;
        LaunchChannel.Proceed(channel, 0);
    }

    /// <summary>Waits until the program runs.</summary>
    /// <exception cref="LaunchException">The launch failed, for instance because there is no such program.</exception>
    public void WaitRunning()
    {
        while (IsUnderWay)
            Advance(wait: true);
    }

    /// <summary>The master of the terminal that the plan asked for; null if it made none, or was asked before. The caller's to dispose.</summary>
    public FileDescriptor? TakeTerminal()
    {
        FileDescriptor? taken = terminal;
        terminal = null;
        return taken;
    }

    /// <summary>Ends a launch before the program runs: kills and reaps the process and runs the undo steps.</summary>
    public void Abandon()
    {
        if (!IsUnderWay)
            return;
        Fail();
    }

    /// <summary>Waits for the end of the process and reaps it.</summary>
    public ExitStatus WaitEnd()
    {
        ExitStatus status = Reap(PidFd);
        reaped = true;
        return status;
    }

    /// <summary>Closes the descriptors and frees the plan. The process is left alone.</summary>
    public void Dispose()
    {
        FreePlan();
        terminal?.Dispose();
        channel.Dispose();
        PidFd.Dispose();
    }

    /// <summary>The steps between clone and the child's first; then, in a plan that forks twice, up to the second process.</summary>
    internal void Begin()
    {
        RunSection(PlanSection.AfterClone);
        LaunchChannel.Proceed(channel, Pid);
        int first = Pid;
        while ((plan.Flags & PlanFlags.ForksAgain) != 0 && Pid == first && IsUnderWay)
            Advance(wait: true);
    }

    private bool IsUnderWay => Phase is LaunchPhase.Preparing or LaunchPhase.Ready or LaunchPhase.Releasing;

    /// <summary>Takes one message; false when there is none.</summary>
    private bool Advance(bool wait)
    {
        ChannelMessage? received = LaunchChannel.Receive(channel, wait, out FileDescriptor? descriptor);
        if (received is not { } message)
            return false;
        switch (message.Type)
        {
            case ChannelMessageType.Stage:
                RunSection(PlanSection.AfterClone + message.Step);
                LaunchChannel.Proceed(channel, Pid);
                break;
            case ChannelMessageType.NewPid:
                Replace(message.Step);
                break;
            case ChannelMessageType.Terminal:
                terminal?.Dispose();
                terminal = descriptor;
                break;
            case ChannelMessageType.Warning:
                warnings.Add(LaunchFailure.Warning(plan, PlanSection.Child, message.Step, message.Error, message.Detail));
                break;
            case ChannelMessageType.Moment:
                clock?.Note((LaunchStage)message.Step, message.Time);
                break;
            case ChannelMessageType.Ready:
                clock?.Note(LaunchStage.Ready);
                Phase = LaunchPhase.Ready;
                break;
            case ChannelMessageType.Executing:
                Phase = LaunchPhase.Releasing;
                break;
            case ChannelMessageType.Failure:
                Fail();
                throw LaunchFailure.At(plan, PlanSection.Child, message.Step, message.Error, message.Detail);
            default:
                return End();
        }
        return true;
    }

    /// <summary>The child's end is closed: by exec, by a child that has done its work, or by death.</summary>
    private bool End()
    {
        bool works = (plan.Flags & PlanFlags.NoProgram) != 0 && Phase == LaunchPhase.Ready;
        if (!works && Phase != LaunchPhase.Releasing)
            throw LaunchFailure.Died(plan, Fail());
        if (!works)
            Phase = LaunchPhase.Running;
        FreePlan();
        return false;
    }

    private void RunSection(PlanSection section)
    {
        try
        {
            SectionRun.Complete(plan, image!, section, warnings);
        }
        catch (LaunchException)
        {
            Fail();
            throw;
        }
    }

    /// <summary>The second process of a plan that forks twice takes the place of the first, which has ended.</summary>
    private void Replace(int pid)
    {
        FileDescriptor first = PidFd;
        try
        {
            PidFd = Linux.PidFd.Open(pid);
        }
        catch (LinuxException)
        {
            Fail();
            throw;
        }
        Reap(first);
        first.Dispose();
        Pid = pid;
        image!.ChildPid = pid;
        LaunchChannel.Proceed(channel, pid);
    }

    /// <summary>Leaves nothing of the launch: no process, and nothing that the undo steps remove. Returns how the process ended.</summary>
    private ExitStatus Fail()
    {
        Phase = LaunchPhase.Failed;
        ExitStatus end = default;
        if (!reaped)
        {
            Linux.PidFd.Signal(PidFd, SigKill);
            end = Reap(PidFd);
            reaped = true;
        }
        if (image is not null)
            SectionRun.Undo(image);
        FreePlan();
        return end;
    }

    private void FreePlan()
    {
        image?.Dispose();
        image = null;
    }

    private static ExitStatus Reap(FileDescriptor process)
    {
        while (true)
        {
            HostFile.AwaitReadable(process);
            if (Linux.PidFd.TryReap(process) is { } status)
                return status;
        }
    }
}
