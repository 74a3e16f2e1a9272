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
}
