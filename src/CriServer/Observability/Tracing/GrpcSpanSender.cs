using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;

namespace CriRuntime.CriServer.Observability.Tracing;

/// <summary>OTLP over gRPC (opentelemetry-proto, docs/specification.md, "OTLP/gRPC"): one unary call a request.</summary>
internal sealed class GrpcSpanSender : ISpanSender
{
    private const string StatusDetails = "grpc-status-details-bin";

    private static readonly Method<byte[], byte[]> Export = new(
        MethodType.Unary,
        "opentelemetry.proto.collector.trace.v1.TraceService",
        "Export",
        Marshallers.Create<byte[]>(static message => message, static message => message),
        Marshallers.Create<byte[]>(static message => message, static message => message));

    private readonly TracingSettings _settings;
    private readonly SocketsHttpHandler _transport;
    private readonly GrpcChannel _channel;
    private readonly CallInvoker _calls;
    private readonly Metadata _headers = [];

    internal GrpcSpanSender(TracingSettings settings)
    {
        _settings = settings;
        _transport = CollectorTransport.Create(settings);
        _channel = GrpcChannel.ForAddress(settings.Target.AbsoluteUri, new GrpcChannelOptions
        {
            HttpHandler = _transport,
            MaxReceiveMessageSize = CollectorTransport.LongestAnswer,
            MaxSendMessageSize = null,
            RequestCompressionAlgorithm = settings.Compress ? "gzip" : null,
        });
        _calls = _channel.CreateCallInvoker();
        foreach ((string name, string value) in settings.Headers)
            _headers.Add(name, value);
    }

    public void Dispose()
    {
        _channel.Dispose();
        _transport.Dispose();
    }

    public async Task<SendOutcome> SendAsync(byte[] request, CancellationToken cancellationToken)
    {
        CallOptions options = new(_headers, DateTime.UtcNow + _settings.Patience, cancellationToken);
        try
        {
            using AsyncUnaryCall<byte[]> call = _calls.AsyncUnaryCall(Export, null, options, request);
            return CollectorAnswer.ReadSuccess(await call.ResponseAsync.ConfigureAwait(false));
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Judge(e);
        }
    }

    /// <summary>The specification's table of retryable codes; of RESOURCE_EXHAUSTED only those that the collector expects to recover from.</summary>
    private SendOutcome Judge(RpcException e)
    {
        if (e.StatusCode == StatusCode.DeadlineExceeded)
            return SendOutcome.TimedOut(_settings.Patience);
        TimeSpan? pause = e.Trailers.GetValueBytes(StatusDetails) is { } details ? CollectorAnswer.ReadStatus(details).RetryDelay : null;
        bool retry = e.StatusCode is StatusCode.Cancelled or StatusCode.Aborted or StatusCode.OutOfRange or StatusCode.Unavailable or StatusCode.DataLoss
            || (e.StatusCode == StatusCode.ResourceExhausted && pause is not null);
        string reason = string.Create(CultureInfo.InvariantCulture, $"{e.StatusCode}: {e.Status.Detail}");
        return new SendOutcome(false, retry, reason) { Pause = pause ?? TimeSpan.Zero };
    }
}
