using System.Text.Json.Serialization;

namespace CriRuntime.Oci.Specs;

/// <summary>Block I/O weights and throttles.</summary>
public sealed record BlockIoResources
{
    private readonly IReadOnlyList<WeightDevice>? weightDevice;
    private readonly IReadOnlyList<ThrottleDevice>? throttleReadBpsDevice;
    private readonly IReadOnlyList<ThrottleDevice>? throttleWriteBpsDevice;
    private readonly IReadOnlyList<ThrottleDevice>? throttleReadIopsDevice;
    private readonly IReadOnlyList<ThrottleDevice>? throttleWriteIopsDevice;

    public IReadOnlyList<WeightDevice> WeightDevice { get => weightDevice ?? []; init => weightDevice = value; }

    /// <summary>Bytes per second.</summary>
    public IReadOnlyList<ThrottleDevice> ThrottleReadBpsDevice { get => throttleReadBpsDevice ?? []; init => throttleReadBpsDevice = value; }

    /// <summary>Bytes per second.</summary>
    public IReadOnlyList<ThrottleDevice> ThrottleWriteBpsDevice { get => throttleWriteBpsDevice ?? []; init => throttleWriteBpsDevice = value; }

    /// <summary>Operations per second.</summary>
    [JsonPropertyName("throttleReadIOPSDevice")]
    public IReadOnlyList<ThrottleDevice> ThrottleReadIopsDevice { get => throttleReadIopsDevice ?? []; init => throttleReadIopsDevice = value; }

    /// <summary>Operations per second.</summary>
    [JsonPropertyName("throttleWriteIOPSDevice")]
    public IReadOnlyList<ThrottleDevice> ThrottleWriteIopsDevice { get => throttleWriteIopsDevice ?? []; init => throttleWriteIopsDevice = value; }

    /// <summary>10 to 1000.</summary>
    public ushort? Weight { get; init; }

    /// <summary>10 to 1000; cgroup v1 with CFQ only.</summary>
    public ushort? LeafWeight { get; init; }
}
