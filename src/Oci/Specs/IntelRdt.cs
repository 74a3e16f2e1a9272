using System.Text.Json.Serialization;

namespace CriRuntime.Oci.Specs;

/// <summary>Cache and memory bandwidth allocation (config-linux.md, IntelRdt).</summary>
public sealed record IntelRdt
{
    private readonly IReadOnlyList<string>? schemata;

    /// <summary>Lines for the schemata file (runtime-spec 1.3).</summary>
    public IReadOnlyList<string> Schemata { get => schemata ?? []; init => schemata = value; }

    [JsonPropertyName("closID")]
    public string? ClosId { get; init; }

    public string? L3CacheSchema { get; init; }

    public string? MemBwSchema { get; init; }

    [JsonPropertyName("enableCMT")]
    public bool EnableCmt { get; init; }

    [JsonPropertyName("enableMBM")]
    public bool EnableMbm { get; init; }

    public bool EnableMonitoring { get; init; }
}
