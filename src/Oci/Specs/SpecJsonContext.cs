using System.Text.Json.Serialization;

namespace CriRuntime.Oci.Specs;

/// <summary>Generated serializers; <see cref="SpecJson"/> is the way in.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Spec))]
[JsonSerializable(typeof(ContainerState))]
internal sealed partial class SpecJsonContext : JsonSerializerContext;
