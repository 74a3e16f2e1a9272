using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>The body of a request: one framed message, serialized when the call is made so that errors show at once.</summary>
internal sealed class RequestContent : HttpContent
{
    private static readonly MediaTypeHeaderValue s_contentType = new(GrpcHeaders.ContentType);

    private readonly PooledBuffer _frame = new(int.MaxValue, MessageErrors.SentTooLong);

    private RequestContent() => Headers.ContentType = s_contentType;

    /// <exception cref="RpcException">ResourceExhausted: longer than <paramref name="limit"/>.</exception>
    internal static RequestContent Create<T>(T message, Marshaller<T> marshaller, int limit, bool compress)
    {
        var content = new RequestContent();
        try
        {
            new MessageWriter(content._frame, limit).Write(message, marshaller.ContextualSerializer, compress);
            return content;
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        stream.WriteAsync(_frame.Written, cancellationToken).AsTask();

    protected override bool TryComputeLength(out long length)
    {
        length = _frame.Length;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _frame.Dispose();
        base.Dispose(disposing);
    }
}
