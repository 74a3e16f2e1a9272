using System.Text.Json.Serialization;

namespace CriRuntime.Oci.Specs;

/// <summary>Memory in bytes; -1 means unlimited.</summary>
public sealed record MemoryResources
{
    public long? Limit { get; init; }

    /// <summary>Soft limit.</summary>
    public long? Reservation { get; init; }

    /// <summary>Memory and swap together; -1 for unlimited swap.</summary>
    public long? Swap { get; init; }

    /// <summary>Deprecated, ignored.</summary>
    public long? Kernel { get; init; }

    /// <summary>Limit of TCP buffers; cgroup v1 only.</summary>
    [JsonPropertyName("kernelTCP")]
    public long? KernelTcp { get; init; }

    /// <summary>0 to 100; cgroup v1 only.</summary>
    public ulong? Swappiness { get; init; }

    /// <summary>Cgroup v1 only.</summary>
    [JsonPropertyName("disableOOMKiller")]
    public bool? DisableOomKiller { get; init; }

    /// <summary>Cgroup v1 only; always on in current kernels.</summary>
    public bool? UseHierarchy { get; init; }

    /// <summary>Refuse a new limit below the present usage.</summary>
    public bool? CheckBeforeUpdate { get; init; }
}
