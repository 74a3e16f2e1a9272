using Google.Protobuf;

namespace CriRuntime.Tests.Tracing;

/// <summary>A span as a collector gets it.</summary>
internal sealed record ReceivedSpan
{
    public string TraceId { get; private set; } = "";

    public string SpanId { get; private set; } = "";

    /// <summary>Empty: the first of its trace.</summary>
    public string ParentId { get; private set; } = "";

    public string Name { get; private set; } = "";

    /// <summary>1 internal, 2 server.</summary>
    public int Kind { get; private set; }

    /// <summary>Nanoseconds since the epoch.</summary>
    public ulong Start { get; private set; }

    public ulong End { get; private set; }

    /// <summary>Of the span and, with the prefix <c>resource.</c>, of its process.</summary>
    public Dictionary<string, string> Attributes { get; private set; } = [];

    /// <summary>Null: it did not fail.</summary>
    public string? Error { get; private set; }

    /// <summary>Reads OTLP's ExportTraceServiceRequest by the field numbers of opentelemetry-proto.</summary>
    internal static List<ReceivedSpan> Read(byte[] request)
    {
        List<ReceivedSpan> spans = [];
        foreach (CodedInputStream resourceSpans in Messages(request, 1))
        {
            Dictionary<string, string> resource = [];
            while (resourceSpans.ReadTag() is > 0 and uint tag)
            {
                byte[] part = resourceSpans.ReadBytes().ToByteArray();
                if (WireFormat.GetTagFieldNumber(tag) == 1)
                    resource = Messages(part, 1).Select(Attribute).ToDictionary(a => "resource." + a.Key, a => a.Value);
                else
                    spans.AddRange(Messages(part, 2).Select(Span));
            }

            foreach (ReceivedSpan span in spans)
                span.Attributes = span.Attributes.Concat(resource).DistinctBy(a => a.Key).ToDictionary();
        }

        return spans;
    }

    private static ReceivedSpan Span(CodedInputStream from)
    {
        ReceivedSpan span = new();
        while (from.ReadTag() is > 0 and uint tag)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1: span.TraceId = Convert.ToHexStringLower(from.ReadBytes().Span); break;
                case 2: span.SpanId = Convert.ToHexStringLower(from.ReadBytes().Span); break;
                case 4: span.ParentId = Convert.ToHexStringLower(from.ReadBytes().Span); break;
                case 5: span.Name = from.ReadString(); break;
                case 6: span.Kind = from.ReadEnum(); break;
                case 7: span.Start = from.ReadFixed64(); break;
                case 8: span.End = from.ReadFixed64(); break;
                case 9:
                    (string key, string value) = Attribute(from.ReadBytes().CreateCodedInput());
                    span.Attributes[key] = value;
                    break;
                case 15: span.Error = Status(from.ReadBytes().CreateCodedInput()); break;
                default: from.SkipLastField(); break;
            }
        }

        return span;
    }

    private static string? Status(CodedInputStream from)
    {
        string message = "";
        bool failed = false;
        while (from.ReadTag() is > 0 and uint tag)
        {
            if (WireFormat.GetTagFieldNumber(tag) == 2)
                message = from.ReadString();
            else
                failed = from.ReadEnum() == 2;
        }

        return failed ? message : null;
    }

    private static KeyValuePair<string, string> Attribute(CodedInputStream from)
    {
        (string key, string value) = ("", "");
        while (from.ReadTag() is > 0 and uint tag)
        {
            if (WireFormat.GetTagFieldNumber(tag) == 1)
                key = from.ReadString();
            else
                value = Value(from.ReadBytes().CreateCodedInput());
        }

        return new(key, value);
    }

    private static string Value(CodedInputStream from) => WireFormat.GetTagFieldNumber(from.ReadTag()) switch
    {
        1 => from.ReadString(),
        2 => from.ReadBool() ? "true" : "false",
        3 => from.ReadInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
        int other => throw new InvalidDataException($"AnyValue has the field {other}"),
    };

    private static IEnumerable<CodedInputStream> Messages(byte[] message, int field)
    {
        CodedInputStream from = new(message);
        while (from.ReadTag() is > 0 and uint tag)
        {
            ByteString part = from.ReadBytes();
            if (WireFormat.GetTagFieldNumber(tag) == field)
                yield return part.CreateCodedInput();
        }
    }
}
