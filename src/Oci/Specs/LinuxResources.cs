using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

namespace CriRuntime.Oci.Specs;

/// <summary>Limits and shares of the container's cgroup (config-linux.md, Control groups). Null means: leave the kernel's value.</summary>
public sealed record LinuxResources
{
    private readonly IReadOnlyList<DeviceRule>? devices;
    private readonly IReadOnlyList<HugepageLimit>? hugepageLimits;
    private readonly IReadOnlyDictionary<string, RdmaLimit>? rdma;
    private readonly IReadOnlyDictionary<string, string>? unified;

    /// <summary>Device access rules; a later rule overrides an earlier one. On an empty list access is decided by the runtime's default set alone.</summary>
    public IReadOnlyList<DeviceRule> Devices { get => devices ?? []; init => devices = value; }

    public IReadOnlyList<HugepageLimit> HugepageLimits { get => hugepageLimits ?? []; init => hugepageLimits = value; }

    /// <summary>By device name.</summary>
    public IReadOnlyDictionary<string, RdmaLimit> Rdma { get => rdma ?? ReadOnlyDictionary<string, RdmaLimit>.Empty; init => rdma = value; }

    /// <summary>Files of the cgroup v2 hierarchy and their contents, written as they are.</summary>
    public IReadOnlyDictionary<string, string> Unified { get => unified ?? ReadOnlyDictionary<string, string>.Empty; init => unified = value; }

    public MemoryResources? Memory { get; init; }

    public CpuResources? Cpu { get; init; }

    public PidsResources? Pids { get; init; }

    [JsonPropertyName("blockIO")]
    public BlockIoResources? BlockIo { get; init; }

    public NetworkResources? Network { get; init; }
}
