using System.Text.Json.Serialization;

namespace CriRuntime.Oci.Specs;

/// <summary>A range of user or group ids, user_namespaces(7).</summary>
public sealed record IdMapping
{
    [JsonPropertyName("containerID")]
    public uint ContainerId { get; init; }

    [JsonPropertyName("hostID")]
    public uint HostId { get; init; }

    /// <summary>Number of ids in the range.</summary>
    public uint Size { get; init; }

    /// <summary>The id outside of the user namespace; null where <paramref name="id"/> is in none of the ranges.</summary>
    public static uint? ToHost(IReadOnlyList<IdMapping> mappings, uint id)
    {
        foreach (IdMapping range in mappings)
        {
            if (id >= range.ContainerId && id - range.ContainerId < range.Size)
                return range.HostId + (id - range.ContainerId);
        }
        return null;
    }
}
