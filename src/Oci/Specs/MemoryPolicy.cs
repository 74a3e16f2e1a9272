namespace CriRuntime.Oci.Specs;

/// <summary>On which NUMA nodes a process gets its memory, set_mempolicy(2) (config-linux.md, memoryPolicy; runtime-spec 1.3).</summary>
public sealed record MemoryPolicy
{
    private readonly string? mode;
    private readonly IReadOnlyList<string>? flags;

    /// <summary><c>MPOL_BIND</c> and the like.</summary>
    public string Mode { get => mode ?? ""; init => mode = value; }

    /// <summary>A list as in cpuset(7), such as <c>0-3,7</c>; null or empty: none.</summary>
    public string? Nodes { get; init; }

    /// <summary><c>MPOL_F_STATIC_NODES</c> and the like.</summary>
    public IReadOnlyList<string> Flags { get => flags ?? []; init => flags = value; }
}
