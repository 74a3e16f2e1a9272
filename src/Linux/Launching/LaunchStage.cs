namespace CriRuntime.Linux.Launching;

/// <summary>
/// The stages of a launch, for whoever wants to know what it spent its time on. A plan with <see cref="PlanFlags.Timed"/> has a <see cref="LaunchMoment"/> told where one begins; it
/// lasts until the next. Not every launch has all, and one can come twice. The numbers are the wire format: append, never renumber.
/// </summary>
public enum LaunchStage
{
    None = 0,

    /// <summary>The parent: files opened, the cgroup made.</summary>
    Prepare = 1,

    /// <summary>clone3(2), and the child's first acts.</summary>
    Clone = 2,

    /// <summary>The child enters its namespaces and cgroup.</summary>
    Namespaces = 3,

    /// <summary>Its root file system, mounts and devices; of a sandbox: the pins of its namespaces.</summary>
    Mounts = 4,

    /// <summary>The hooks that come before its root is its own.</summary>
    Hooks = 5,

    /// <summary>pivot_root(2).</summary>
    Pivot = 6,

    /// <summary>Kernel parameters, labels, limits, identity, capabilities and the filter.</summary>
    Confine = 7,

    /// <summary>It stands at its gate, or has done its work: the end of the stage before.</summary>
    Ready = 8,
}

/// <summary>When a stage began. A class: generic code over references is compiled once for all.</summary>
/// <param name="Stage">A later version's may be unknown.</param>
/// <param name="At">Nanoseconds since 1970-01-01T00:00:00Z (CLOCK_REALTIME).</param>
public sealed record LaunchMoment(LaunchStage Stage, long At);
