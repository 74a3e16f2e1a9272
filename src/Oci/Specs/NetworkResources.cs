using System.Text.Json.Serialization;

namespace CriRuntime.Oci.Specs;

/// <summary>Packet class and priorities; cgroup v1 only.</summary>
public sealed record NetworkResources
{
    private readonly IReadOnlyList<InterfacePriority>? priorities;

    public IReadOnlyList<InterfacePriority> Priorities { get => priorities ?? []; init => priorities = value; }

    [JsonPropertyName("classID")]
    public uint? ClassId { get; init; }
}
