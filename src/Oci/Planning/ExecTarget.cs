using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.SeccompFilters;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Planning;

/// <summary>The running container that a further process joins.</summary>
public sealed record ExecTarget
{
    public required string ContainerId { get; init; }

    /// <summary>The container's first process, in the launcher's pid namespace.</summary>
    public required int Pid { get; init; }

    /// <summary>Its start time in clock ticks since boot (proc(5) stat, field 22), so that no other process of that number is joined; 0 when the launcher is its parent and has not reaped it.</summary>
    public long StartTime { get; init; }

    /// <summary>The namespaces of the container's specification; those that it leaves out are the host's.</summary>
    public required IReadOnlyList<LinuxNamespace> Namespaces { get; init; }

    /// <summary>linux.uidMappings of the container's specification: whose the standard descriptors become where it has a user namespace.</summary>
    public IReadOnlyList<IdMapping> UidMappings { get; init; } = [];

    public required HostFacts Host { get; init; }

    public CgroupPlacement? Cgroup { get; init; }

    /// <summary>
    /// On v2 the process is born in a cgroup of its own, <see cref="CgroupPlacement.Exec"/> of this name; whoever launches it removes that when it is over. Null, or v1:
    /// in the container's.
    /// </summary>
    public string? ExecCgroup { get; init; }

    /// <summary>The container's seccomp section; null for none.</summary>
    public Seccomp? Seccomp { get; init; }

    /// <inheritdoc cref="PlanOptions.CompileSeccomp"/>
    public Func<Seccomp, SeccompProgram> CompileSeccomp { get; init; } = SeccompCompiler.Compile;

    /// <summary>linux.personality of the container.</summary>
    public LinuxPersonality? Personality { get; init; }

    /// <summary>linux.memoryPolicy of the container.</summary>
    public MemoryPolicy? MemoryPolicy { get; init; }

    /// <summary>linux.intelRdt of the container.</summary>
    public IntelRdt? IntelRdt { get; init; }

    /// <inheritdoc cref="PlanOptions.Timed"/>
    public bool Timed { get; init; }

    /// <inheritdoc cref="PlanOptions.PreservedDescriptors"/>
    public int PreservedDescriptors { get; init; }
}
