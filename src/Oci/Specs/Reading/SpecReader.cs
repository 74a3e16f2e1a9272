using System.Text;
using System.Text.Json;

namespace CriRuntime.Oci.Specs.Reading;

/// <summary>
/// Reads the specification token by token. The serializer needs descriptions of some forty types before its first value, which costs a runtime that is started for each
/// container more than everything else it does (measured: 4 ms and 2 MB). Unknown fields are skipped, as there.
/// </summary>
internal ref partial struct SpecReader
{
    /// <summary>As deep as <see cref="Utf8JsonReader"/> goes by itself.</summary>
    private const int Deepest = 64;

    private const int LongestValueShown = 64;

    private Utf8JsonReader json;

    /// <summary>How the present value was come by: a field's name at each depth, or null and the place in an array.</summary>
    private readonly (string? Name, int Index)[] path;

    private SpecReader(ReadOnlySpan<byte> utf8Json)
    {
        json = new Utf8JsonReader(utf8Json);
        path = new (string?, int)[Deepest + 1];
    }

    internal delegate T ItemReader<T>(ref SpecReader reader);

    /// <summary>A whole text as one value.</summary>
    /// <exception cref="JsonException">It is not JSON, or not that value; the message says where.</exception>
    internal static T Read<T>(ReadOnlySpan<byte> utf8Json, ItemReader<T?> read)
        where T : class
    {
        SpecReader reader = new(utf8Json);
        try
        {
            reader.json.Read();
            T value = read(ref reader) ?? throw Unexpected();
            if (reader.json.Read())
                throw Unexpected();
            return value;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw reader.Failure(e);
        }
    }

    /// <summary>What is wrong in words of the specification: the BCL's exceptions know neither the field nor, in a program without its resources, words.</summary>
    private readonly JsonException Failure(Exception cause)
    {
        string place = Path();
        if (cause is JsonException { LineNumber: { } line, BytePositionInLine: { } position })
            return new JsonException($"this is not JSON, from line {line + 1}, byte {position + 1} on ({place})", place, line, position, cause);
        string value = json.TokenType == JsonTokenType.None ? "nothing" : Encoding.UTF8.GetString(json.ValueSpan);
        if (value.Length > LongestValueShown)
            value = value[..LongestValueShown] + "...";
        return new JsonException($"{place} cannot be {value} ({json.TokenType})", place, null, json.TokenStartIndex, cause);
    }

    private readonly string Path()
    {
        StringBuilder text = new("$");
        for (int depth = 1; depth <= json.CurrentDepth && depth <= Deepest; depth++)
        {
            if (path[depth].Name is { } name)
                text.Append('.').Append(name);
            else
                text.Append('[').Append(path[depth].Index).Append(']');
        }
        return text.ToString();
    }

    /// <summary>At the start of an object or after one of its values: the next field's name, with the reader on its value; false at the end.</summary>
    private bool Next(out string name)
    {
        name = "";
        if (!json.Read())
            throw Unexpected();
        if (json.TokenType == JsonTokenType.EndObject)
            return false;
        name = json.GetString()!;
        path[json.CurrentDepth].Name = name;
        json.Read();
        return true;
    }

    /// <summary>False for null, in whose place the field keeps its default.</summary>
    private readonly bool IsObject() => json.TokenType switch
    {
        JsonTokenType.StartObject => true,
        JsonTokenType.Null => false,
        _ => throw Unexpected(),
    };

    private readonly bool IsNull => json.TokenType == JsonTokenType.Null;

    private readonly string? String() => IsNull ? null : json.GetString();

    private readonly bool Bool() => json.GetBoolean();

    private readonly bool? OptionalBool() => IsNull ? null : json.GetBoolean();

    private readonly int? OptionalInt() => IsNull ? null : json.GetInt32();

    private readonly uint? OptionalUInt() => IsNull ? null : json.GetUInt32();

    private readonly long? OptionalLong() => IsNull ? null : json.GetInt64();

    private readonly ulong? OptionalULong() => IsNull ? null : json.GetUInt64();

    private readonly ushort? OptionalUShort() => IsNull ? null : json.GetUInt16();

    /// <summary>A field that is not known.</summary>
    private T Skip<T>(T value)
    {
        json.Skip();
        return value;
    }

    private List<T>? List<T>(ItemReader<T> item)
    {
        if (IsNull)
            return null;
        if (json.TokenType != JsonTokenType.StartArray)
            throw Unexpected();
        List<T> items = [];
        ref (string? Name, int Index) place = ref path[json.CurrentDepth + 1];
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            place = (null, items.Count);
            if (IsNull)
                throw Unexpected(); // those who check what was read count on items
            items.Add(item(ref this));
        }
        return items;
    }

    private List<string>? Strings() => List(static (ref SpecReader r) => r.json.GetString()!);

    private Dictionary<string, T>? Map<T>(ItemReader<T> item)
    {
        if (!IsObject())
            return null;
        Dictionary<string, T> entries = new(StringComparer.Ordinal);
        while (Next(out string name))
        {
            if (IsNull)
                throw Unexpected();
            entries[name] = item(ref this);
        }
        return entries;
    }

    private Dictionary<string, string>? StringMap() => Map(static (ref SpecReader r) => r.json.GetString()!);

    private static JsonException Unexpected() => new("unexpected");
}
