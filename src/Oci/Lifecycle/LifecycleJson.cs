using System.Text.Json.Serialization;

namespace CriRuntime.Oci.Lifecycle;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(ContainerRecord))]
[JsonSerializable(typeof(ContainerReport))]
[JsonSerializable(typeof(IReadOnlyList<ContainerReport>))]
internal sealed partial class LifecycleJson : JsonSerializerContext;
