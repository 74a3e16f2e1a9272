using System.Buffers;
using System.Globalization;
using System.Text;
using CriRuntime.CriServer.Configuration;

namespace CriRuntime.CriServer.Observability;

/// <summary>
/// logfmt: <c>time="..." level=info source=X msg="..." Pod=...</c>, values quoted where they need it. People read these lines: values that the
/// message has already are not repeated, and the web server's names for connections are left out.
/// </summary>
internal sealed class TextLogLine : ILogLineFormat
{
    public void Write(IBufferWriter<byte> line, in LogRecord record, DateTimeOffset time, IExternalScopeProvider scopes)
    {
        StringBuilder text = new(256);
        text.Append("time=\"").Append(time.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture)).Append('"');
        text.Append(" level=").Append(LogLevels.NameOf(record.Level));
        text.Append(" source=").Append(record.Source);
        Append(text, "msg", record.Message, alwaysQuote: true);
        AppendValues(text, record.Values, record.Message);
        scopes.ForEachScope(
            static (scope, text) =>
            {
                if (scope is IReadOnlyList<KeyValuePair<string, object?>> values)
                    AppendValues(text, values, "");
            },
            text);
        if (record.Exception is Exception exception)
            Append(text, "error", exception.ToString(), alwaysQuote: true);
        text.Append('\n');

        foreach (ReadOnlyMemory<char> chunk in text.GetChunks())
            Encoding.UTF8.GetBytes(chunk.Span, line);
    }

    private static void AppendValues(StringBuilder text, IReadOnlyList<KeyValuePair<string, object?>> values, string message)
    {
        foreach ((string name, object? value) in values)
        {
            if (name is "{OriginalFormat}" or "ConnectionId" or "RequestId" or "RequestPath")
                continue;
            string shown = System.Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            if (message.Length == 0 || !message.Contains(shown, StringComparison.Ordinal))
                Append(text, name, shown, alwaysQuote: false);
        }
    }

    private static void Append(StringBuilder text, string name, string value, bool alwaysQuote)
    {
        text.Append(' ').Append(name).Append('=');
        if (!alwaysQuote && value.Length > 0 && !value.AsSpan().ContainsAnyExceptInRange('!', '~') && !value.AsSpan().ContainsAny('"', '=', '\\'))
        {
            text.Append(value);
            return;
        }

        text.Append('"');
        foreach (char c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                < ' ' or '\u007f' => text.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }
}
