using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CriRuntime.CriServer.Configuration;

namespace CriRuntime.CriServer.Observability;

/// <summary>One JSON object a line: time, level, source, msg, the record's and the scopes' values, error.</summary>
internal sealed class JsonLogLine : ILogLineFormat
{
    public void Write(IBufferWriter<byte> line, in LogRecord record, DateTimeOffset time, IExternalScopeProvider scopes)
    {
        using (Utf8JsonWriter json = new(line))
        {
            json.WriteStartObject();
            json.WriteString("time", time.UtcDateTime);
            json.WriteString("level", LogLevels.NameOf(record.Level));
            json.WriteString("source", record.Source);
            json.WriteString("msg", record.Message);
            HashSet<string> written = ["time", "level", "source", "msg", "error", "{OriginalFormat}"];
            WriteValues(json, record.Values, written);
            scopes.ForEachScope(
                static (scope, state) =>
                {
                    if (scope is IReadOnlyList<KeyValuePair<string, object?>> values)
                        WriteValues(state.json, values, state.written);
                },
                (json, written));
            if (record.Exception is Exception exception)
                json.WriteString("error", exception.ToString());
            json.WriteEndObject();
        }

        line.Write("\n"u8);
    }

    /// <summary>A name that stands twice keeps its innermost value.</summary>
    private static void WriteValues(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> values, HashSet<string> written)
    {
        foreach ((string name, object? value) in values)
        {
            if (!written.Add(name))
                continue;
            switch (value)
            {
                case null: json.WriteNull(name); break;
                case bool flag: json.WriteBoolean(name, flag); break;
                case int number: json.WriteNumber(name, number); break;
                case long number: json.WriteNumber(name, number); break;
                case double number when double.IsFinite(number): json.WriteNumber(name, number); break;
                default: json.WriteString(name, System.Convert.ToString(value, CultureInfo.InvariantCulture)); break;
            }
        }
    }
}
