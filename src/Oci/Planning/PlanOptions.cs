using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.SeccompFilters;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Planning;

/// <summary>What a container is made of besides its specification.</summary>
public sealed record PlanOptions
{
    /// <summary>For messages, hooks and the name of the session keyring.</summary>
    public required string ContainerId { get; init; }

    /// <summary>Where the root file system comes from.</summary>
    public required Rootfs Rootfs { get; init; }

    public required HostFacts Host { get; init; }

    /// <summary>Where the container's processes belong; null leaves them in the runtime's own cgroup.</summary>
    public CgroupPlacement? Cgroup { get; init; }

    /// <summary>Where resctrl is mounted.</summary>
    public string Resctrl { get; init; } = Specs.Resctrl.Root;

    /// <summary>The child stops just before it executes the program, until it is released.</summary>
    public bool StartGate { get; init; }

    /// <summary>A fifo (absolute path; it is made) that releases the child at the gate by a byte written to it; null: the launcher releases it.</summary>
    public string? GateFifo { get; init; }

    /// <summary>The bundle directory: what hooks are told, and where those of the runtime namespace run. Null where there are no hooks.</summary>
    public string? Bundle { get; init; }

    /// <summary>
    /// How a seccomp section becomes a program. A daemon gives <see cref="SeccompProgramCache.Get"/>, which compiles each profile once;
    /// a program that plans one container is started faster without the hash that the cache needs.
    /// </summary>
    public Func<Seccomp, SeccompProgram> CompileSeccomp { get; init; } = SeccompCompiler.Compile;

    /// <summary>The launch's stages are noted (<see cref="LaunchStage"/>). Without it nothing looks at a clock.</summary>
    public bool Timed { get; init; }

    /// <summary>Descriptors 3, 4, ... that the program inherits.</summary>
    public int PreservedDescriptors { get; init; }
}

/// <summary>The source of a root file system.</summary>
public abstract record Rootfs
{
    private protected Rootfs()
    {
    }
}

/// <summary>A directory of the host, bound onto itself inside the container's mount namespace.</summary>
/// <param name="Path">Absolute.</param>
public sealed record DirectoryRootfs(string Path) : Rootfs;

/// <summary>An overlay that is mounted inside the container's mount namespace only: the host never sees it, so there is nothing to unmount.</summary>
/// <param name="Lower">Absolute directories, the topmost first; at least one.</param>
/// <param name="Upper">Where changes go; on the same file system as <paramref name="Work"/>.</param>
/// <param name="Work">overlayfs's own directory.</param>
/// <param name="MountPoint">An existing empty directory.</param>
public sealed record OverlayRootfs(IReadOnlyList<string> Lower, string Upper, string Work, string MountPoint) : Rootfs
{
    /// <summary>Further options, such as <c>volatile</c> or <c>index=off</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];
}
