using System.Runtime.InteropServices;

namespace CriRuntime.Linux.Launching;

/// <summary>
/// What parent and child tell each other over their socket:
/// <code>
/// child                          parent
///                                clone3, section AfterClone
///   AwaitParent       &lt;────────  Proceed (the child's pid on the host)
///   AskParent n       ────────&gt;  Stage n: section Stage n
///                     &lt;────────  Proceed
///   ForkAgain         ────────&gt;  NewPid: the process that goes on
///                     &lt;────────  Proceed (its pid)
///   OpenTerminal      ────────&gt;  Terminal + the master's descriptor
///   a tolerated step  ────────&gt;  Warning
///   a stage begins    ────────&gt;  Moment (where the plan is timed)
///   StopAtGate        ────────&gt;  Ready
///                     &lt;────────  Proceed (when released; or the gate fifo)
///   Exec              ────────&gt;  Executing, then end of file: the program runs
///   any failed step   ────────&gt;  Failure (step, errno, detail)
/// </code>
/// The child that finds the socket closed exits.
/// </summary>
public enum ChannelMessageType
{
    None = 0,
    Proceed = 1,
    Stage = 2,
    NewPid = 3,
    Terminal = 4,
    Warning = 5,
    Ready = 6,
    Executing = 7,
    Failure = 8,
    Moment = 9,
}

/// <summary>One message, 16 bytes.</summary>
/// <param name="Type">What is told.</param>
/// <param name="Step">
/// The index in the child's section; for <see cref="ChannelMessageType.Stage"/> the stage; for <see cref="ChannelMessageType.NewPid"/> and Proceed the pid; for
/// <see cref="ChannelMessageType.Moment"/> the <see cref="LaunchStage"/>.
/// </param>
/// <param name="Error">The errno of a failure or warning; the lower half of a moment's time.</param>
/// <param name="Detail">A hook's wait status, the upper half of a moment's time, otherwise 0.</param>
[StructLayout(LayoutKind.Sequential)]
public record struct ChannelMessage(ChannelMessageType Type, int Step, Errno Error, int Detail)
{
    /// <summary>Of a <see cref="ChannelMessageType.Moment"/>: nanoseconds since 1970-01-01T00:00:00Z.</summary>
    public readonly long Time => ((long)Detail << 32) | (uint)Error;
}
