using CriRuntime.Conmon.Loop;
using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;

namespace CriRuntime.Conmon.Launching;

/// <summary>A process on its way to its program, whoever makes it: the built-in runtime, or another's binary.</summary>
internal interface ILaunch : IDisposable
{
    /// <summary>In the host's pid namespace; 0 while that is not known.</summary>
    int Pid { get; }

    IReadOnlyList<string> Warnings { get; }

    /// <summary>When its stages began; empty unless its plan is timed.</summary>
    IReadOnlyList<LaunchMoment> Moments { get; }

    /// <summary>Once, right after the launch.</summary>
    /// <param name="owner">Told of the process's end.</param>
    /// <param name="changed">Called when <see cref="Advance"/> has news.</param>
    void Watch(IChild owner, Action changed);

    /// <summary>Takes in what has happened, without waiting.</summary>
    /// <exception cref="Exception">The launch failed (LaunchException, LinuxException or MonitorException): <see cref="Abandon"/> it.</exception>
    LaunchPhase Advance();

    /// <summary>Lets a ready process execute its program.</summary>
    /// <param name="plan">What starts the other runtime's binary for that; null for the built-in one.</param>
    void Release(LaunchPlan? plan);

    /// <summary>The terminal's master side, once; null without one.</summary>
    FileDescriptor? TakeTerminal();

    void Signal(int signal);

    /// <summary>How the process ended; null while it runs, and while it is to be told later (<see cref="HeldEnd"/>).</summary>
    ExitStatus? TryReap();

    /// <summary>The end of a process that came before its start was told of.</summary>
    ExitStatus? HeldEnd { get; }

    /// <summary>Leaves nothing of a launch that has failed.</summary>
    void Abandon();
}
