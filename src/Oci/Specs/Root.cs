using System.Text.Json.Serialization;

namespace CriRuntime.Oci.Specs;

/// <summary>The root filesystem (config.md, Root).</summary>
public sealed record Root
{
    private readonly string? path;

    /// <summary>Absolute, or relative to the bundle.</summary>
    public string Path { get => path ?? ""; init => path = value; }

    [JsonPropertyName("readonly")]
    public bool ReadOnly { get; init; }
}
