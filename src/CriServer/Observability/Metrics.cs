using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace CriRuntime.CriServer.Observability;

/// <summary>A metric that can write itself in Prometheus' text format (exposition format 0.0.4).</summary>
internal interface IMetric
{
    void WriteTo(StringBuilder text);
}

/// <summary>A number that only grows, per combination of label values.</summary>
internal sealed class Counter(string name, string help, string[] labels) : IMetric
{
    private readonly ConcurrentDictionary<string, long> _values = new();

    internal void Add(params string[] values) => Add(1, values);

    internal void Add(long amount, params string[] values) =>
        _values.AddOrUpdate(Labels.Format(labels, values), static (_, more) => more, static (_, value, more) => value + more, amount);

    public void WriteTo(StringBuilder text)
    {
        Labels.Head(text, name, help, "counter");
        foreach ((string key, long value) in _values)
            text.Append(CultureInfo.InvariantCulture, $"{name}{Labels.Braced(key)} {value}\n");
    }
}

/// <summary>How values are spread, in buckets with an inclusive upper bound, per combination of label values.</summary>
internal sealed class Histogram(string name, string help, string[] labels, double[] bounds) : IMetric
{
    private readonly ConcurrentDictionary<string, Series> _series = new();

    internal void Record(double value, params string[] values) =>
        _series.GetOrAdd(Labels.Format(labels, values), _ => new Series(bounds.Length + 1)).Record(value, bounds);

    public void WriteTo(StringBuilder text)
    {
        Labels.Head(text, name, help, "histogram");
        foreach ((string key, Series series) in _series)
            series.WriteTo(text, name, key, bounds);
    }

    private sealed class Series(int buckets)
    {
        private readonly Lock _gate = new();
        private readonly long[] _counts = new long[buckets];
        private double _sum;

        internal void Record(double value, double[] bounds)
        {
            int bucket = 0;
            while (bucket < bounds.Length && value > bounds[bucket])
                bucket++;
            lock (_gate)
            {
                _counts[bucket]++;
                _sum += value;
            }
        }

        internal void WriteTo(StringBuilder text, string name, string key, double[] bounds)
        {
            string separator = key.Length > 0 ? "," : "";
            long total = 0;
            lock (_gate)
            {
                for (int i = 0; i < _counts.Length; i++)
                {
                    total += _counts[i];
                    string bound = i < bounds.Length ? bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                    text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{key}{separator}le=\"{bound}\"}} {total}\n");
                }

                text.Append(CultureInfo.InvariantCulture, $"{name}_sum{Labels.Braced(key)} {_sum}\n");
                text.Append(CultureInfo.InvariantCulture, $"{name}_count{Labels.Braced(key)} {total}\n");
            }
        }
    }
}

/// <summary>A number that is asked for when somebody looks.</summary>
internal sealed class Gauge(string name, string help, Func<double> read) : IMetric
{
    public void WriteTo(StringBuilder text)
    {
        Labels.Head(text, name, help, "gauge");
        text.Append(CultureInfo.InvariantCulture, $"{name} {read()}\n");
    }
}

/// <summary>The text around a metric's values.</summary>
internal static class Labels
{
    internal static void Head(StringBuilder text, string name, string help, string type) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

    /// <returns><c>method="ListPodSandbox",code="OK"</c>; empty without labels.</returns>
    internal static string Format(string[] names, string[] values)
    {
        StringBuilder text = new();
        for (int i = 0; i < names.Length; i++)
            text.Append(i > 0 ? "," : "").Append(names[i]).Append("=\"").Append(Escape(values[i])).Append('"');
        return text.ToString();
    }

    internal static string Braced(string formatted) => formatted.Length > 0 ? $"{{{formatted}}}" : "";

    private static string Escape(string value) => value.AsSpan().IndexOfAny("\\\"\n") < 0
        ? value
        : value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
