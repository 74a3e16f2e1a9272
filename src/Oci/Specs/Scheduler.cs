namespace CriRuntime.Oci.Specs;

/// <summary>Scheduling attributes, sched_setattr(2) (config.md, scheduler).</summary>
public sealed record Scheduler
{
    private readonly string? policy;
    private readonly IReadOnlyList<string>? flags;

    /// <summary><c>SCHED_FLAG_RESET_ON_FORK</c> and the like.</summary>
    public IReadOnlyList<string> Flags { get => flags ?? []; init => flags = value; }

    /// <summary><c>SCHED_OTHER</c>, <c>SCHED_FIFO</c>, ...</summary>
    public string Policy { get => policy ?? ""; init => policy = value; }

    public int? Nice { get; init; }

    public int? Priority { get; init; }

    /// <summary>Nanoseconds; SCHED_DEADLINE only.</summary>
    public ulong? Runtime { get; init; }

    /// <summary>Nanoseconds; SCHED_DEADLINE only.</summary>
    public ulong? Deadline { get; init; }

    /// <summary>Nanoseconds; SCHED_DEADLINE only.</summary>
    public ulong? Period { get; init; }
}
