using System.Text.Json;
using System.Text.Json.Serialization;

namespace CriRuntime.Bench.Measuring;

/// <summary>What one run against one runtime measured; a file per run.</summary>
internal sealed record Result
{
    /// <summary>The column's heading: name and version as the runtime reports them.</summary>
    public required string Runtime { get; init; }

    /// <summary>By name of the measure, in order.</summary>
    public List<Measure> Measures { get; init; } = [];

    /// <summary>Why measures are missing, a sentence each.</summary>
    public List<string> Notes { get; init; } = [];

    /// <summary>The median of a measure, or null when it was not taken.</summary>
    internal double? Median(string name) => Measures.Find(measure => measure.Name == name)?.P50;

    internal void Add(string name, Distribution distribution) =>
        Measures.Add(new Measure(name, "ms", distribution.P50, distribution.P90, distribution.P99, distribution.Count));

    internal void Add(string name, string unit, double value) => Measures.Add(new Measure(name, unit, value, null, null, 1));

    internal static Result Load(string file) =>
        JsonSerializer.Deserialize(File.ReadAllText(file), ResultJson.Default.Result) ?? throw new InvalidDataException($"{file} holds no result");

    internal void Save(string file) => File.WriteAllText(file, JsonSerializer.Serialize(this, ResultJson.Default.Result));
}

/// <param name="Unit">
/// What ends in "/s" is the better the more, and "ms", "MB" and "%" the better the less; any other unit is a count that says something
/// by itself and is not compared.
/// </param>
/// <param name="P50">The median, or the one value.</param>
internal sealed record Measure(string Name, string Unit, double P50, double? P90, double? P99, int Count)
{
    [JsonIgnore]
    internal bool MoreIsBetter => Unit.EndsWith("/s", StringComparison.Ordinal);

    [JsonIgnore]
    internal bool Comparable => P50 > 0 && (MoreIsBetter || Unit is "ms" or "MB" || Unit.StartsWith('%'));
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(Result))]
internal sealed partial class ResultJson : JsonSerializerContext;
