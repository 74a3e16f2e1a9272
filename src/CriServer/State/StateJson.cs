using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.State;

/// <summary>
/// State files as JSON. Reading is strict, so that a damaged file is noticed at once and not as a null reference later:
/// every property must be there, and none may be null that the type does not allow. A property added later that may be null is
/// named in <see cref="AddedLater"/>; any other needs a higher <c>Version</c> and a default for files without it.
/// </summary>
public static class StateJson
{
    /// <summary>Properties that files of earlier programs lack; they are null then, and earlier programs pass over them.</summary>
    private static readonly HashSet<string> AddedLater = new(StringComparer.Ordinal) { "imageVolume", "imageVolumes", "updatedResources", "updatedOverhead", "userNamespace", "idMappings", "runtime", "selinux", "selinuxOptions", "restoredFrom", "blockIoClass", "rdtClass" };

    // Not a context made of these options: that would put itself in the place of the resolver, and require nothing.
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        IgnoreReadOnlyProperties = true,
        TypeInfoResolver = StateJsonContext.Default.WithAddedModifier(RequireEveryProperty),
    };

    public static byte[] Write(PodSandbox pod) => JsonSerializer.SerializeToUtf8Bytes(pod, Type<PodSandbox>());

    public static byte[] Write(Container container) => JsonSerializer.SerializeToUtf8Bytes(container, Type<Container>());

    public static byte[] Write(OwedRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, Type<OwedRecord>());

    /// <summary>For fingerprints and verbose status.</summary>
    public static byte[] Write(PodSandboxConfig config) => JsonSerializer.SerializeToUtf8Bytes(config, Type<PodSandboxConfig>());

    /// <inheritdoc cref="Write(PodSandboxConfig)"/>
    public static byte[] Write(ContainerConfig config) => JsonSerializer.SerializeToUtf8Bytes(config, Type<ContainerConfig>());

    /// <summary>For verbose status.</summary>
    public static string Describe(RuntimeSettings settings) => JsonSerializer.Serialize(settings, Type<RuntimeSettings>());

    /// <exception cref="JsonException">Not a pod, or of a newer version.</exception>
    public static PodSandbox ReadPod(ReadOnlySpan<byte> json)
    {
        PodSandbox pod = JsonSerializer.Deserialize(json, Type<PodSandbox>()) ?? throw Null();
        return pod.Version == 1 ? pod : throw Newer(pod.Version);
    }

    /// <exception cref="JsonException">Not a container, or of a newer version.</exception>
    public static Container ReadContainer(ReadOnlySpan<byte> json)
    {
        Container container = JsonSerializer.Deserialize(json, Type<Container>()) ?? throw Null();
        return container.Version == 1 ? container : throw Newer(container.Version);
    }

    /// <exception cref="JsonException">Not an owed record, or of a newer version.</exception>
    public static OwedRecord ReadOwed(ReadOnlySpan<byte> json)
    {
        OwedRecord record = JsonSerializer.Deserialize(json, Type<OwedRecord>()) ?? throw Null();
        return record.Version == 1 ? record : throw Newer(record.Version);
    }

    private static JsonTypeInfo<T> Type<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));

    private static JsonException Null() => new("the file holds null");

    private static JsonException Newer(int version) =>
        new($"the file has version {version}; this program reads version 1");

    private static void RequireEveryProperty(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
            property.IsRequired = property.Set is not null && !AddedLater.Contains(property.Name);
    }
}

[JsonSerializable(typeof(PodSandbox))]
[JsonSerializable(typeof(Container))]
[JsonSerializable(typeof(OwedRecord))]
[JsonSerializable(typeof(RuntimeSettings))]
internal sealed partial class StateJsonContext : JsonSerializerContext;
