using System.Globalization;
using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.AspNetCore.Server;

/// <summary>
/// One call on the server, which is also the service's context. Lives for one HTTP request:
/// <code>
///   Begin ── headers fit? deadline armed ──> method runs ──> End(status): trailers
///     └──────────── deadline passes ────────────┴──> EndByDeadline: trailers at once, method's token cancelled
/// </code>
/// Whoever ends the call first wins; the gate keeps the service's writes and the deadline's end apart, as the response's pipe
/// is not thread-safe. After the end nothing touches the response any more.
/// </summary>
internal sealed partial class ServerCall(HttpContext http, GrpcServiceOptions options) : ServerCallContext, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private MessageWriter? _writer;
    private Metadata? _requestHeaders;
    private Metadata? _trailers;
    private Dictionary<object, object>? _userState;
    private string? _requestEncoding;
    private bool _compressResponses;
    private bool _headersSent;
    private bool _bodyStarted;
    private bool _ended;

    internal HttpContext Http => http;

    protected override string MethodCore => http.Request.Path.Value ?? "";

    protected override string HostCore => http.Request.Host.Value ?? "";

    protected override string PeerCore => PeerAddress.Describe(http.Connection);

    protected override Metadata RequestHeadersCore => _requestHeaders ??= ReadRequestHeaders();

    protected override Metadata ResponseTrailersCore => _trailers ??= [];

    protected override Status StatusCore { get; set; } = Status.DefaultSuccess;

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override IDictionary<object, object> UserStateCore => _userState ??= [];

    /// <summary>Reads the protocol's headers and starts the clock.</summary>
    /// <exception cref="RpcException">Internal: malformed timeout. Unimplemented: unknown encoding.</exception>
    internal void Begin()
    {
        IHeaderDictionary headers = http.Request.Headers;
        _requestEncoding = headers[GrpcHeaders.Encoding];
        if (_requestEncoding is not (null or "identity" or GzipMessage.Name))
        {
            http.Response.Headers[GrpcHeaders.AcceptEncoding] = GrpcHeaders.SupportedEncodings;
            throw MessageErrors.UnknownEncoding(_requestEncoding);
        }

        if (options.ResponseCompressionAlgorithm == GzipMessage.Name && Accepts(headers, GzipMessage.Name))
        {
            _compressResponses = true;
            http.Response.Headers[GrpcHeaders.Encoding] = GzipMessage.Name;
        }

        StartDeadline(headers[GrpcHeaders.Timeout]);
    }

    internal ValueTask<T> ReadRequestAsync<T>(Marshaller<T> marshaller)
        where T : class =>
        new MessageReader<T>(
            http.Request.BodyReader,
            _requestEncoding,
            options.MaxReceiveMessageSize ?? int.MaxValue,
            marshaller.ContextualDeserializer).ReadSingleAsync(_deadlineSource?.Token ?? CancellationToken.None);

    /// <summary>Serializes a message into the response without sending it yet. Does nothing after the end of the call.</summary>
    internal void WriteMessage<T>(T message, Marshaller<T> marshaller)
    {
        lock (_gate)
        {
            if (!_ended) Serialize(message, marshaller);
        }
    }

    /// <summary>Serializes a message and sends it, unless the write options say that more will follow.</summary>
    /// <exception cref="InvalidOperationException">The call is over.</exception>
    internal async ValueTask WriteAndFlushAsync<T>(T message, Marshaller<T> marshaller, CancellationToken cancellationToken)
    {
        ValueTask<FlushResult> flush;
        lock (_gate)
        {
            if (_ended) throw new InvalidOperationException("Can't write the message because the call is over.");
            Serialize(message, marshaller);
            if (HasFlag(WriteFlags.BufferHint)) return;
            flush = http.Response.BodyWriter.FlushAsync(cancellationToken);
        }

        await flush.ConfigureAwait(false);
    }

    /// <summary>Ends the call with this status, unless it has ended already.</summary>
    internal bool End(Status status, Metadata? trailers)
    {
        lock (_gate)
        {
            if (_ended) return false;
            _ended = true;
            WriteStatus(status, trailers);
            return true;
        }
    }

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        lock (_gate)
        {
            if (_ended || _headersSent || _bodyStarted)
                throw new InvalidOperationException("Response headers can be sent once, before the first message.");
            _headersSent = true;
            AppendTo(http.Response.Headers, responseHeaders);
            return http.Response.BodyWriter.FlushAsync(CancellationToken).AsTask();
        }
    }

    private static bool Accepts(IHeaderDictionary headers, string encoding)
    {
        foreach (string? value in headers[GrpcHeaders.AcceptEncoding])
        {
            foreach (Range part in value.AsSpan().Split(','))
            {
                if (value.AsSpan(part).Trim().SequenceEqual(encoding)) return true;
            }
        }

        return false;
    }

    private static void AppendTo(IHeaderDictionary headers, Metadata metadata)
    {
        foreach (Metadata.Entry entry in metadata)
        {
            if (!GrpcHeaders.IsReserved(entry.Key)) headers.Append(entry.Key, MetadataEncoding.Encode(entry));
        }
    }

    private void Serialize<T>(T message, Marshaller<T> marshaller)
    {
        _writer ??= new MessageWriter(http.Response.BodyWriter, options.MaxSendMessageSize ?? int.MaxValue);
        try
        {
            _writer.Write(message, marshaller.ContextualSerializer, _compressResponses && !HasFlag(WriteFlags.NoCompress));
            _bodyStarted = true;
        }
        catch when (_writer.IsTorn)
        {
            // half a message is in the pipe: nothing that follows could be understood
            http.Abort();
            throw;
        }
    }

    private bool HasFlag(WriteFlags flag) => ((WriteOptionsCore?.Flags ?? WriteFlags.None) & flag) != 0;

    /// <summary>As trailers after messages or headers; otherwise the headers themselves carry the status ("Trailers-Only").</summary>
    private void WriteStatus(Status status, Metadata? more)
    {
        IHeaderDictionary target = http.Response.Headers;
        if (_bodyStarted || _headersSent)
        {
            target = http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers
                ?? throw new InvalidOperationException("The HTTP server carries no trailers.");
        }

        target[GrpcHeaders.Status] = status.StatusCode == StatusCode.OK
            ? "0"
            : ((int)status.StatusCode).ToString(CultureInfo.InvariantCulture);
        if (status.Detail.Length > 0) target[GrpcHeaders.Message] = StatusMessage.Encode(status.Detail);
        if (_trailers is not null) AppendTo(target, _trailers);
        if (more is not null) AppendTo(target, more);
    }

    private Metadata ReadRequestHeaders()
    {
        var metadata = new Metadata();
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in http.Request.Headers)
        {
            foreach (string? value in values) MetadataEncoding.Decode(metadata, name, value ?? "");
        }

        return metadata;
    }
}
