using System.Text.Json;
using System.Text.Json.Nodes;

namespace CriRuntime.Documents;

/// <summary>
/// The fields of one object of a document, read by name and type. <see cref="End"/> refuses what nobody asked for: a field that this version does not
/// know may be the one that matters to whoever wrote it. What is wrong is a <see cref="FormatException"/> that names the field.
/// </summary>
public sealed class Fields(JsonObject members, string where)
{
    private readonly HashSet<string> _known = [];

    public string Where => where;

    /// <summary>Of all fields, for objects whose keys are the writer's choice.</summary>
    public IReadOnlyList<string> Names => [.. members.Select(static member => member.Key)];

    /// <summary>Whether the field is there with a value.</summary>
    public bool Has(string name) => members[name] is not null;

    public string? Text(string name) => Take(name) switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => throw Wrong(name, "a string"),
    };

    public string RequiredText(string name) => Text(name) is { Length: > 0 } text ? text : throw new FormatException($"{where}.{name} is missing");

    /// <summary>A string, or a number as it was written: for quantities, which people write as both.</summary>
    public string? TextOrNumber(string name) => Take(name) switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number => value.ToJsonString(),
        _ => throw Wrong(name, "a string or a number"),
    };

    /// <summary>Absolute and without NUL.</summary>
    public string RequiredPath(string name) =>
        RequiredText(name) is ['/', ..] path && !path.Contains('\0', StringComparison.Ordinal) ? path : throw Wrong(name, "an absolute path");

    public long? Number(string name, long least, long most) => Take(name) switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out long number) && number >= least && number <= most => number,
        _ => throw Wrong(name, $"a number from {least} to {most}"),
    };

    public uint? Unsigned(string name) => (uint?)Number(name, 0, uint.MaxValue);

    public bool Flag(string name) => Take(name) switch
    {
        null => false,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        _ => throw Wrong(name, "true or false"),
    };

    public IReadOnlyList<string> Texts(string name)
    {
        List<string> texts = [];
        foreach (JsonNode? item in Items(name))
            texts.Add(item is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : throw Wrong(name, "a list of strings"));
        return texts;
    }

    public IReadOnlyList<uint> Unsigneds(string name)
    {
        List<uint> numbers = [];
        foreach (JsonNode? item in Items(name))
            numbers.Add(item is JsonValue value && value.TryGetValue(out long number) && number is >= 0 and <= uint.MaxValue ? (uint)number : throw Wrong(name, "a list of ids"));
        return numbers;
    }

    public Fields? Object(string name) => Take(name) switch
    {
        null => null,
        JsonObject value => new Fields(value, $"{where}.{name}"),
        _ => throw Wrong(name, "an object"),
    };

    /// <summary>A list of objects, each read by <paramref name="read"/>, which need not call <see cref="End"/>.</summary>
    public IReadOnlyList<T> Objects<T>(string name, Func<Fields, T> read)
        where T : class
    {
        List<T> list = [];
        foreach (JsonNode? item in Items(name))
        {
            Fields fields = new(item as JsonObject ?? throw Wrong(name, "a list of objects"), $"{where}.{name}[{list.Count}]");
            list.Add(read(fields));
            fields.End();
        }

        return list;
    }

    /// <summary>A field that is known and not used.</summary>
    public void Skip(string name) => Take(name);

    /// <exception cref="FormatException">There is a field that was not read.</exception>
    public void End()
    {
        foreach ((string name, _) in members)
        {
            if (!_known.Contains(name))
                throw new FormatException($"{where}.{name} is not a field that this version knows");
        }
    }

    public FormatException Wrong(string name, string expected) => new($"{where}.{name} is not {expected}");

    private JsonArray Items(string name) => Take(name) switch
    {
        null => [],
        JsonArray items => items,
        _ => throw Wrong(name, "a list"),
    };

    private JsonNode? Take(string name)
    {
        _known.Add(name);
        return members[name];
    }
}
