using System.Collections.Immutable;

namespace CriRuntime.Oci.Cgroups;

/// <summary>One thing to do, in order, to make a container's cgroups. Data: the launch planner turns each into a parent step.</summary>
/// <param name="Path">Absolute; the directory or file acted on.</param>
public abstract record CgroupStep(string Path)
{
    /// <summary>mkdir(2) of one level, mode 0755; one that exists is fine.</summary>
    public sealed record MakeDirectory(string Path) : CgroupStep(Path);

    /// <summary>One write(2) of <paramref name="Value"/> to an existing file.</summary>
    /// <param name="Optional">A kernel without this file, or one that refuses the value, is fine.</param>
    public sealed record WriteFile(string Path, string Value, bool Optional = false) : CgroupStep(Path);

    /// <summary>
    /// When the file reads as empty (a newline alone), one write(2) of what <paramref name="Source"/> reads as. A v1 cpuset starts
    /// with no CPUs and no memory nodes, and nothing can join it until it has some: they are copied down from the parent.
    /// </summary>
    public sealed record CopyIfEmpty(string Path, string Source) : CgroupStep(Path);

    /// <summary>
    /// Loads a device program (<c>struct bpf_insn[]</c>) and attaches it to the v2 directory
    /// (BPF_PROG_TYPE_CGROUP_DEVICE, BPF_F_ALLOW_MULTI).
    /// </summary>
    public sealed record AttachDeviceProgram(string Path, ImmutableArray<byte> Program) : CgroupStep(Path);
}
