using System.Text.Json;

namespace CriRuntime.Oci.Specs.Reading;

/// <summary>
/// Reads the specification token by token. The serializer needs descriptions of some forty types before its first value, which costs a runtime that is started for each
/// container more than everything else it does (measured: 4 ms and 2 MB). Unknown fields are skipped, as there. For anything unexpected it gives up
/// with an exception of the BCL's, and the serializer, reading the same text, says what is wrong and where.
/// </summary>
internal ref partial struct SpecReader
{
    private Utf8JsonReader json;

    internal SpecReader(ReadOnlySpan<byte> utf8Json)
    {
        json = new Utf8JsonReader(utf8Json);
        json.Read();
    }

    private delegate T ItemReader<T>(ref SpecReader reader);

    /// <summary>Nothing may follow the value.</summary>
    internal void End()
    {
        if (json.Read())
            throw Unexpected();
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
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (IsNull)
                throw Unexpected(); // the checks after reading are the serializer's result's
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
