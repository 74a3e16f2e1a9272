using System.Text.Json;
using System.Text.Json.Serialization;

namespace CriRuntime.CriServer.Configuration;

/// <summary>The configuration's JSON form: camelCase, comments and trailing commas allowed, unknown keys refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    RespectNullableAnnotations = true,
    WriteIndented = true)]
[JsonSerializable(typeof(ServerConfiguration))]
internal sealed partial class ConfigurationJson : JsonSerializerContext;
