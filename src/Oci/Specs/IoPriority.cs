namespace CriRuntime.Oci.Specs;

/// <summary>I/O priority, ioprio_set(2).</summary>
public sealed record IoPriority
{
    private readonly string? @class;

    /// <summary><c>IOPRIO_CLASS_RT</c>, <c>IOPRIO_CLASS_BE</c> or <c>IOPRIO_CLASS_IDLE</c>.</summary>
    public string Class { get => @class ?? ""; init => @class = value; }

    /// <summary>0 (highest) to 7.</summary>
    public int Priority { get; init; }
}
