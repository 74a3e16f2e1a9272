using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Lifecycle;

/// <summary>What is kept of a container between two commands: <c>state.json</c> in its directory. Immutable; rewritten whole.</summary>
public sealed record ContainerRecord
{
    public const int CurrentVersion = 1;

    /// <summary>Of this file's form.</summary>
    public int Version { get; init; } = CurrentVersion;

    public required string Id { get; init; }

    public required string OciVersion { get; init; }

    /// <summary>The first process, in the pid namespace of the runtime.</summary>
    public required int Pid { get; init; }

    /// <summary>Its start time in clock ticks since boot.</summary>
    public required long StartTime { get; init; }

    public required string Bundle { get; init; }

    public required string Rootfs { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>linux.cgroupsPath as it was resolved.</summary>
    public required string CgroupsPath { get; init; }

    /// <summary>The unit of systemd's whose cgroup that is; null with the cgroupfs driver.</summary>
    public string? Scope { get; init; }

    /// <summary>Directories of resctrl that were made for it and go with it.</summary>
    public IReadOnlyList<string> ResctrlDirectories { get; init; } = [];

    /// <summary>The specification has hooks that run after the creation.</summary>
    public bool HasHooks { get; init; }

    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}

/// <summary>A container as <c>state</c> and <c>list</c> print it: runc's form, that of runtime.md with a few more fields.</summary>
public sealed record ContainerReport
{
    public required string OciVersion { get; init; }
    public required string Id { get; init; }

    /// <summary>0 for a stopped container.</summary>
    public required int Pid { get; init; }

    /// <summary>One of <see cref="ContainerStatus"/>.</summary>
    public required string Status { get; init; }
    public required string Bundle { get; init; }
    public required string Rootfs { get; init; }
    public required DateTimeOffset Created { get; init; }
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
    public string Owner { get; init; } = "";
}
