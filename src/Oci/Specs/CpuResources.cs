namespace CriRuntime.Oci.Specs;

/// <summary>CPU time and placement.</summary>
public sealed record CpuResources
{
    /// <summary>Relative weight, 2 to 262144; 1024 is the kernel's default.</summary>
    public ulong? Shares { get; init; }

    /// <summary>Microseconds per period; -1 for no limit.</summary>
    public long? Quota { get; init; }

    /// <summary>Microseconds that may be saved up from earlier periods.</summary>
    public ulong? Burst { get; init; }

    /// <summary>Microseconds.</summary>
    public ulong? Period { get; init; }

    /// <summary>Microseconds; cgroup v1 only.</summary>
    public long? RealtimeRuntime { get; init; }

    /// <summary>Microseconds; cgroup v1 only.</summary>
    public ulong? RealtimePeriod { get; init; }

    /// <summary>CPU list such as <c>0-3,7</c>.</summary>
    public string? Cpus { get; init; }

    /// <summary>Memory node list.</summary>
    public string? Mems { get; init; }

    /// <summary>1 for SCHED_IDLE behaviour, 0 not.</summary>
    public long? Idle { get; init; }
}
