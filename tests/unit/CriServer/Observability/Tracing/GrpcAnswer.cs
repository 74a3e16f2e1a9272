using System.Buffers.Binary;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace CriRuntime.CriServer.Tests.Observability.Tracing;

/// <summary>Answers of gRPC (PROTOCOL-HTTP2.md), written byte by byte.</summary>
internal static class GrpcAnswer
{
    private const string ContentType = "application/grpc";

    /// <summary>A message and, in the trailers, OK.</summary>
    internal static async Task<bool> MessageAsync(HttpContext context, byte[] message)
    {
        await FrameAsync(context, message.Length, message);
        context.Response.AppendTrailer("grpc-status", "0");
        return true;
    }

    /// <summary>A frame that says it is so long, whatever it has.</summary>
    internal static async Task<bool> FrameAsync(HttpContext context, int length, byte[] content)
    {
        context.Response.ContentType = ContentType;
        byte[] header = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(1), length);
        await context.Response.Body.WriteAsync(header);
        await context.Response.Body.WriteAsync(content);
        return false;
    }

    /// <summary>No message, and the status in the headers.</summary>
    internal static Task<bool> TrailersOnly(HttpContext context, int code, string message = "", byte[]? details = null)
    {
        context.Response.ContentType = ContentType;
        context.Response.Headers["grpc-status"] = $"{code}";
        context.Response.Headers["grpc-message"] = message;
        if (details is not null)
            context.Response.Headers["grpc-status-details-bin"] = Convert.ToBase64String(details).TrimEnd('=');
        return Task.FromResult(false);
    }

    /// <summary>No message, and the status in the trailers.</summary>
    internal static async Task<bool> TrailersAsync(HttpContext context, int code, string message)
    {
        context.Response.ContentType = ContentType;
        await context.Response.StartAsync();
        await context.Response.Body.FlushAsync();
        context.Response.AppendTrailer("grpc-status", $"{code}");
        context.Response.AppendTrailer("grpc-message", message);
        return false;
    }

    internal static byte[] ReadFrame(byte[] body)
    {
        Assert.Equal(body.Length - 5, BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(1)));
        return Collector.Plain(body[5..], body[0] == 1 ? "gzip" : null);
    }

    /// <summary>ExportTraceServiceResponse with a partial success.</summary>
    internal static byte[] PartialSuccess(long rejected, string words) =>
        Message(response => Bytes(response, 1, Message(partial =>
        {
            partial.WriteTag(1, WireFormat.WireType.Varint);
            partial.WriteInt64(rejected);
            Text(partial, 2, words);
        })));

    /// <summary>google.rpc.Status with a RetryInfo.</summary>
    internal static byte[] RetryAfter(long seconds, int nanoseconds = 0, string message = "") =>
        Message(status =>
        {
            Text(status, 2, message);
            Bytes(status, 3, Message(any =>
            {
                Text(any, 1, "type.googleapis.com/google.rpc.RetryInfo");
                Bytes(any, 2, Message(info => Bytes(info, 1, Message(duration =>
                {
                    duration.WriteTag(1, WireFormat.WireType.Varint);
                    duration.WriteInt64(seconds);
                    duration.WriteTag(2, WireFormat.WireType.Varint);
                    duration.WriteInt32(nanoseconds);
                }))));
            }));
        });

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using MemoryStream bytes = new();
        using (CodedOutputStream output = new(bytes))
            write(output);
        return bytes.ToArray();
    }

    private static void Bytes(CodedOutputStream output, int field, byte[] value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(value));
    }

    private static void Text(CodedOutputStream output, int field, string value)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteString(value);
    }
}
