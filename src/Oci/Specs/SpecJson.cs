using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace CriRuntime.Oci.Specs;

/// <summary>
/// Reads and writes the specification's JSON: fields it does not know are ignored, nulls and empty collections are left out.
/// Reading throws <see cref="JsonException"/> for text that is not JSON or has a value of the wrong kind, naming its path.
/// </summary>
public static class SpecJson
{
    public static Spec Parse(ReadOnlySpan<byte> utf8Json) => TryReadFast(utf8Json) ?? ParseBySerializer(utf8Json);

    /// <summary>By the serializer, which is slow to start, and says precisely what is wrong with a text.</summary>
    internal static Spec ParseBySerializer(ReadOnlySpan<byte> utf8Json) =>
        JsonSerializer.Deserialize(utf8Json, SpecJsonContext.Default.Spec) ?? throw new JsonException("The configuration is null.");

    /// <summary>Null when the text is not wholly as expected.</summary>
    internal static Spec? TryReadFast(ReadOnlySpan<byte> utf8Json)
    {
        try
        {
            Reading.SpecReader reader = new(utf8Json);
            Spec? spec = reader.ReadSpec();
            reader.End();
            return spec;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null; // the serializer reads the same text again, and throws for the same reason
        }
    }

    public static Process ParseProcess(ReadOnlySpan<byte> utf8Json) =>
        JsonSerializer.Deserialize(utf8Json, SpecJsonContext.Default.Process) ?? throw new JsonException("The process is null.");

    public static LinuxResources ParseResources(ReadOnlySpan<byte> utf8Json) =>
        JsonSerializer.Deserialize(utf8Json, SpecJsonContext.Default.LinuxResources) ?? throw new JsonException("The resources are null.");

    public static Seccomp ParseSeccomp(ReadOnlySpan<byte> utf8Json) =>
        JsonSerializer.Deserialize(utf8Json, SpecJsonContext.Default.Seccomp) ?? throw new JsonException("The seccomp profile is null.");

    public static ContainerState ParseState(ReadOnlySpan<byte> utf8Json) =>
        JsonSerializer.Deserialize(utf8Json, SpecJsonContext.Default.ContainerState) ?? throw new JsonException("The state is null.");

    public static byte[] Write(Spec spec, bool indented = false) =>
        JsonSerializer.SerializeToUtf8Bytes(spec, Info<Spec>(indented ? Writing.Indented : Writing.Compact));

    public static byte[] Write(Process process) => JsonSerializer.SerializeToUtf8Bytes(process, Info<Process>(Writing.Compact));

    public static byte[] Write(LinuxResources resources) => JsonSerializer.SerializeToUtf8Bytes(resources, Info<LinuxResources>(Writing.Compact));

    public static byte[] Write(Seccomp seccomp) => JsonSerializer.SerializeToUtf8Bytes(seccomp, Info<Seccomp>(Writing.Compact));

    public static byte[] Write(ContainerState state, bool indented = false) =>
        JsonSerializer.SerializeToUtf8Bytes(state, Info<ContainerState>(indented ? Writing.Indented : Writing.Compact));

    /// <summary>The <c>config.json</c> at <paramref name="path"/>.</summary>
    public static Spec Load(string path)
    {
        try
        {
            return Parse(File.ReadAllBytes(path));
        }
        catch (JsonException e)
        {
            throw new JsonException($"{path}: {e.Message}", e.Path, e.LineNumber, e.BytePositionInLine, e);
        }
    }

    /// <summary>Writes <paramref name="path"/> so that it appears whole or not at all.</summary>
    public static void Save(Spec spec, string path)
    {
        string temporary = path + ".tmp";
        File.WriteAllBytes(temporary, Write(spec, indented: true));
        File.Move(temporary, path, overwrite: true);
    }

    private static JsonTypeInfo<T> Info<T>(JsonSerializerOptions options) => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));

    /// <summary>Apart, so that a program that only reads does not pay for it.</summary>
    private static class Writing
    {
        internal static readonly JsonSerializerOptions Compact = Options(indented: false);
        internal static readonly JsonSerializerOptions Indented = Options(indented: true);

        private static JsonSerializerOptions Options(bool indented) => new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            WriteIndented = indented,
            TypeInfoResolver = SpecJsonContext.Default.WithAddedModifier(LeaveOutEmptyCollections),
        };

        private static void LeaveOutEmptyCollections(JsonTypeInfo type)
        {
            foreach (JsonPropertyInfo property in type.Properties)
            {
                if (property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable)))
                    property.ShouldSerialize = static (_, value) => value is not (null or ICollection { Count: 0 });
            }
        }
    }
}
