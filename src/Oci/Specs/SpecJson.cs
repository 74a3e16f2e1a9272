using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CriRuntime.Oci.Specs.Reading;

namespace CriRuntime.Oci.Specs;

/// <summary>
/// Reads and writes the specification's JSON: fields it does not know are ignored, nulls and empty collections are left out.
/// Reading throws <see cref="JsonException"/> for text that is not JSON or has a value of the wrong kind, naming its path. It needs no serializer,
/// so that a program that only reads is without one; writing does.
/// </summary>
public static class SpecJson
{
    public static Spec Parse(ReadOnlySpan<byte> utf8Json) => SpecReader.Read(utf8Json, static (ref SpecReader reader) => reader.ReadSpec());

    public static Process ParseProcess(ReadOnlySpan<byte> utf8Json) => SpecReader.Read(utf8Json, static (ref SpecReader reader) => reader.ReadProcess());

    public static LinuxResources ParseResources(ReadOnlySpan<byte> utf8Json) => SpecReader.Read(utf8Json, static (ref SpecReader reader) => reader.ReadLinuxResources());

    public static Seccomp ParseSeccomp(ReadOnlySpan<byte> utf8Json) => SpecReader.Read(utf8Json, static (ref SpecReader reader) => reader.ReadSeccomp());

    public static ContainerState ParseState(ReadOnlySpan<byte> utf8Json) =>
        JsonSerializer.Deserialize(utf8Json, SpecJsonContext.Default.ContainerState) ?? throw new JsonException("The state is null.");

    public static byte[] Write(Spec spec, bool indented = false) =>
        JsonSerializer.SerializeToUtf8Bytes(spec, Info<Spec>(indented ? Writing.Indented : Writing.Compact));

    public static byte[] Write(Process process) => JsonSerializer.SerializeToUtf8Bytes(process, Info<Process>(Writing.Compact));

    public static byte[] Write(LinuxResources resources) => JsonSerializer.SerializeToUtf8Bytes(resources, Info<LinuxResources>(Writing.Compact));

    public static byte[] Write(Seccomp seccomp) => JsonSerializer.SerializeToUtf8Bytes(seccomp, Info<Seccomp>(Writing.Compact));

    /// <summary>The state document: every hook gets one, also from programs without a serializer.</summary>
    public static byte[] Write(ContainerState state)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text))
        {
            json.WriteStartObject();
            json.WriteString("ociVersion"u8, state.OciVersion);
            json.WriteString("id"u8, state.Id);
            json.WriteString("status"u8, state.Status);
            if (state.Pid is { } pid)
                json.WriteNumber("pid"u8, pid);
            json.WriteString("bundle"u8, state.Bundle);
            if (state.Annotations.Count > 0)
                WriteStrings(json, "annotations", state.Annotations);
            json.WriteEndObject();
        }
        return text.ToArray();
    }

    /// <summary>An object whose values are all strings.</summary>
    internal static void WriteStrings(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> values)
    {
        json.WriteStartObject(name);
        foreach ((string key, string value) in values)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

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
