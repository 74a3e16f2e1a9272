using System.Collections.Immutable;

namespace CriRuntime.Oci.Cgroups;

/// <summary>How a container's cgroups come to be, and go.</summary>
/// <param name="Steps">To be done in this order, before the container's first process joins.</param>
/// <param name="ProcsFiles">Then to be written the first process's pid to (not needed on pure v2 with CLONE_INTO_CGROUP).</param>
/// <param name="Undo">Directories to remove when the launch fails, in this order; only those of the container itself.</param>
/// <param name="Warnings">What was asked for and is ignored on this host, with the field's name.</param>
public sealed record CgroupSetup(
    ImmutableArray<CgroupStep> Steps,
    ImmutableArray<string> ProcsFiles,
    ImmutableArray<string> Undo,
    ImmutableArray<string> Warnings);
