using System.Text.Json.Serialization;

namespace CriRuntime.Images.Manifests;

/// <summary>
/// Source-generated JSON of manifests, indexes and configurations. Null where the models say there is a value,
/// and missing required members, are refused by the reader.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 32)]
[JsonSerializable(typeof(Descriptor))]
[JsonSerializable(typeof(ImageManifest))]
[JsonSerializable(typeof(ImageIndex))]
[JsonSerializable(typeof(ImageConfigFile))]
[JsonSerializable(typeof(ImageConfig))]
public sealed partial class ManifestJson : JsonSerializerContext;
