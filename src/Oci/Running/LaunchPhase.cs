namespace CriRuntime.Oci.Running;

/// <summary>
/// Where a launched process stands. It only moves on:
/// <code>
/// Preparing ──> Ready ──(released)──> Releasing ──> Running
///     │           └─ a plan without a program ends here
///     └──(a plan without a gate)──────────────────> Running
/// any ──> Failed: the process is reaped, the undo steps are done
/// </code>
/// </summary>
public enum LaunchPhase
{
    /// <summary>Its steps run.</summary>
    Preparing,

    /// <summary>It waits at the gate; or, in a plan without a program, it has done its work.</summary>
    Ready,

    /// <summary>It was released and is about to execute the program.</summary>
    Releasing,

    /// <summary>The program runs.</summary>
    Running,

    /// <summary>A step failed, or the process died.</summary>
    Failed,
}
