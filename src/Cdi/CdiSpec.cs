using CriRuntime.Oci.Specs;

namespace CriRuntime.Cdi;

/// <summary>A file of a spec directory: devices of one kind, and what each of them does to a container.</summary>
/// <param name="Path">The file.</param>
/// <param name="Edits">Made when any of the devices is asked for.</param>
public sealed record CdiSpec(string Path, string Kind, IReadOnlyList<CdiDevice> Devices, ContainerEdits Edits);

/// <param name="Name">Unique among the devices of the kind.</param>
/// <param name="Edits">Made when this device is asked for.</param>
public sealed record CdiDevice(string Name, ContainerEdits Edits);

/// <summary>Changes to a container's OCI specification (CDI, OCI Edits).</summary>
public sealed record ContainerEdits
{
    /// <summary>NAME=value each; replaces a variable of that name.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];

    public IReadOnlyList<DeviceNode> DeviceNodes { get; init; } = [];

    public IReadOnlyList<Mount> Mounts { get; init; } = [];

    public IReadOnlyList<NamedHook> Hooks { get; init; } = [];

    public IReadOnlyList<uint> AdditionalGids { get; init; } = [];

    public IntelRdt? IntelRdt { get; init; }

    /// <summary>Host name to name in the container.</summary>
    public IReadOnlyList<(string HostName, string Name)> NetDevices { get; init; } = [];
}

/// <param name="HookName">Of the OCI specification, e.g. <c>createContainer</c>.</param>
public sealed record NamedHook(string HookName, Hook Hook);

/// <summary>A device node; what is null is taken from the host's node.</summary>
public sealed record DeviceNode
{
    /// <summary>Absolute path in the container.</summary>
    public required string Path { get; init; }

    /// <summary>Where the host has it; null: at the same path.</summary>
    public string? HostPath { get; init; }

    /// <summary><c>b</c>, <c>c</c>, <c>u</c> or <c>p</c>.</summary>
    public string? Type { get; init; }

    public long Major { get; init; }

    public long Minor { get; init; }

    public uint? FileMode { get; init; }

    /// <summary>Of <c>r</c>, <c>w</c> and <c>m</c>; null: all; <c>none</c>: the node without access.</summary>
    public string? Permissions { get; init; }

    public uint? Uid { get; init; }

    public uint? Gid { get; init; }

    /// <summary>Whether the host's node need not be looked at.</summary>
    internal bool IsComplete => Type is not null && (Major != 0 || Type == "p");
}
