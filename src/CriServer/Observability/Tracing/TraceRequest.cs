using System.Diagnostics;
using System.Globalization;

namespace CriRuntime.CriServer.Observability.Tracing;

/// <summary>
/// OTLP's ExportTraceServiceRequest (opentelemetry-proto 1.x, collector/trace/v1 and trace/v1): the numbers below are its field numbers.
/// Written by hand: the messages are few and only ever written, and their generated classes would cost the program more than the exporter does.
/// </summary>
internal static class TraceRequest
{
    /// <summary>W3C Trace Context, section 3.3.1.5: a longer tracestate may be discarded.</summary>
    private const int LongestTraceState = 512;

    private const int StatusError = 2;

    /// <summary>Bit 8: it is known whether the parent is remote; bit 9: it is.</summary>
    private const uint ParentKnown = 0x100;
    private const uint ParentRemote = 0x200;

    internal static byte[] Encode(IReadOnlyList<Activity> spans, Resource resource)
    {
        ProtobufWriter request = new();
        request.Message(1, (spans, resource), static (resourceSpans, from) =>
        {
            resourceSpans.Message(1, from.resource, WriteResource);
            resourceSpans.Message(2, from.spans, WriteScope);
        });
        return request.ToArray();
    }

    private static void WriteResource(ProtobufWriter writer, Resource resource)
    {
        WriteAttribute(writer, 1, "service.name", resource.ServiceName);
        WriteAttribute(writer, 1, "service.version", resource.Version);
        WriteAttribute(writer, 1, "host.name", resource.HostName);
    }

    private static void WriteScope(ProtobufWriter writer, IReadOnlyList<Activity> spans)
    {
        writer.Message(1, CriRuntime.Tracing.Spans.SourceName, static (scope, name) => scope.Text(1, name));
        foreach (Activity span in spans)
            writer.Message(2, span, WriteSpan);
    }

    private static void WriteSpan(ProtobufWriter writer, Activity span)
    {
        Span<byte> traceId = stackalloc byte[16];
        Span<byte> spanId = stackalloc byte[8];
        span.TraceId.CopyTo(traceId);
        writer.Bytes(1, traceId);
        span.SpanId.CopyTo(spanId);
        writer.Bytes(2, spanId);
        if (span.TraceStateString is { Length: <= LongestTraceState } state)
            writer.Text(3, state);
        if (span.ParentSpanId != default)
        {
            span.ParentSpanId.CopyTo(spanId);
            writer.Bytes(4, spanId);
        }

        writer.Text(5, span.DisplayName);
        writer.Number(6, (int)span.Kind + 1);
        DateTime end = span.StartTimeUtc + span.Duration;
        writer.Fixed64(7, Nanoseconds(span.StartTimeUtc));
        writer.Fixed64(8, Nanoseconds(end));
        foreach (ref readonly KeyValuePair<string, object?> tag in span.EnumerateTagObjects())
            WriteAttribute(writer, 9, tag.Key, tag.Value);
        if (span.Status == ActivityStatusCode.Error)
            writer.Message(15, span.StatusDescription ?? "", WriteError);
        writer.Fixed32(16, (uint)span.ActivityTraceFlags | ParentKnown | (span.HasRemoteParent ? ParentRemote : 0));
    }

    private static void WriteError(ProtobufWriter writer, string reason)
    {
        writer.Text(2, reason);
        writer.Number(3, StatusError);
    }

    private static void WriteAttribute(ProtobufWriter writer, int field, string key, object? value) =>
        writer.Message(field, (key, value), static (attribute, from) =>
        {
            attribute.Text(1, from.key);
            attribute.Message(2, from.value, WriteValue);
        });

    private static void WriteValue(ProtobufWriter writer, object? value)
    {
        switch (value)
        {
            case bool flag:
                writer.Number(2, flag ? 1 : 0);
                break;
            case int or long:
                writer.Number(3, System.Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            default:
                writer.Text(1, value?.ToString() ?? "");
                break;
        }
    }

    private static ulong Nanoseconds(DateTime time) => (ulong)(time - DateTime.UnixEpoch).Ticks * 100;

    /// <summary>Who exports.</summary>
    internal sealed record Resource(string ServiceName, string Version, string HostName);
}
