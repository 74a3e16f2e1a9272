using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

namespace CriRuntime.Oci.Specs;

/// <summary>The <c>linux</c> object of the configuration (config-linux.md).</summary>
public sealed record LinuxSection
{
    private readonly IReadOnlyList<IdMapping>? uidMappings;
    private readonly IReadOnlyList<IdMapping>? gidMappings;
    private readonly IReadOnlyDictionary<string, string>? sysctl;
    private readonly IReadOnlyList<LinuxNamespace>? namespaces;
    private readonly IReadOnlyList<LinuxDevice>? devices;
    private readonly IReadOnlyDictionary<string, LinuxNetDevice>? netDevices;
    private readonly IReadOnlyList<string>? maskedPaths;
    private readonly IReadOnlyList<string>? readonlyPaths;
    private readonly IReadOnlyDictionary<string, LinuxTimeOffset>? timeOffsets;

    [JsonPropertyName("uidMappings")]
    public IReadOnlyList<IdMapping> UidMappings { get => uidMappings ?? []; init => uidMappings = value; }

    [JsonPropertyName("gidMappings")]
    public IReadOnlyList<IdMapping> GidMappings { get => gidMappings ?? []; init => gidMappings = value; }

    /// <summary>Kernel parameters in the container's namespaces, by dotted name.</summary>
    public IReadOnlyDictionary<string, string> Sysctl { get => sysctl ?? ReadOnlyDictionary<string, string>.Empty; init => sysctl = value; }

    public IReadOnlyList<LinuxNamespace> Namespaces { get => namespaces ?? []; init => namespaces = value; }

    public IReadOnlyList<LinuxDevice> Devices { get => devices ?? []; init => devices = value; }

    /// <summary>Host network devices moved into the container, by host name.</summary>
    public IReadOnlyDictionary<string, LinuxNetDevice> NetDevices { get => netDevices ?? ReadOnlyDictionary<string, LinuxNetDevice>.Empty; init => netDevices = value; }

    /// <summary>Absolute paths made unreadable.</summary>
    public IReadOnlyList<string> MaskedPaths { get => maskedPaths ?? []; init => maskedPaths = value; }

    /// <summary>Absolute paths made read-only.</summary>
    public IReadOnlyList<string> ReadonlyPaths { get => readonlyPaths ?? []; init => readonlyPaths = value; }

    /// <summary>Clock offsets by clock, <c>boottime</c> or <c>monotonic</c>.</summary>
    public IReadOnlyDictionary<string, LinuxTimeOffset> TimeOffsets { get => timeOffsets ?? ReadOnlyDictionary<string, LinuxTimeOffset>.Empty; init => timeOffsets = value; }

    public LinuxResources? Resources { get; init; }

    /// <summary><c>/absolute</c> under the cgroup mount, relative to the runtime's own choice, or <c>slice:prefix:name</c> for systemd.</summary>
    public string? CgroupsPath { get; init; }

    public Seccomp? Seccomp { get; init; }

    /// <summary><c>private</c>, <c>slave</c>, <c>shared</c> or <c>unbindable</c>.</summary>
    public string? RootfsPropagation { get; init; }

    /// <summary>SELinux context of the mounts.</summary>
    public string? MountLabel { get; init; }

    public IntelRdt? IntelRdt { get; init; }

    public LinuxPersonality? Personality { get; init; }

    public MemoryPolicy? MemoryPolicy { get; init; }
}
