using System.Text.Json.Serialization;

namespace CriRuntime.Oci.Specs;

/// <summary>One mount (config.md, Mounts).</summary>
public sealed record Mount
{
    private readonly string? destination;
    private readonly IReadOnlyList<string>? options;
    private readonly IReadOnlyList<IdMapping>? uidMappings;
    private readonly IReadOnlyList<IdMapping>? gidMappings;

    /// <summary>mount(8) options, data options of the filesystem among them.</summary>
    public IReadOnlyList<string> Options { get => options ?? []; init => options = value; }

    /// <summary>For an idmapped mount.</summary>
    [JsonPropertyName("uidMappings")]
    public IReadOnlyList<IdMapping> UidMappings { get => uidMappings ?? []; init => uidMappings = value; }

    /// <summary>For an idmapped mount.</summary>
    [JsonPropertyName("gidMappings")]
    public IReadOnlyList<IdMapping> GidMappings { get => gidMappings ?? []; init => gidMappings = value; }

    /// <summary>Absolute path in the container.</summary>
    public string Destination { get => destination ?? ""; init => destination = value; }

    /// <summary>Filesystem type; <c>bind</c> or null for bind mounts.</summary>
    public string? Type { get; init; }

    /// <summary>Device name, or the path to bind: absolute or relative to the bundle.</summary>
    public string? Source { get; init; }
}
