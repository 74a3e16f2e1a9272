using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>
/// One call of a client: request out, headers in, messages in, trailers in. Ends exactly once, with a status;
/// every failure on the way becomes that status.
/// </summary>
internal sealed class ClientCall<TRequest, TResponse> : IAsyncStreamReader<TResponse>, IDisposable
    where TRequest : class
    where TResponse : class
{
    private readonly HttpMessageInvoker _http;
    private readonly Uri _address;
    private readonly GrpcChannelOptions _options;
    private readonly Method<TRequest, TResponse> _method;
    private readonly CallOptions _call;
    private readonly CancellationTokenSource _cancel;
    private readonly CancellationTokenRegistration _channelClosed;
    private readonly TaskCompletionSource<Metadata> _responseHeaders = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HttpResponseMessage? _response;
    private MessageReader<TResponse>? _messages;
    private Task _started = Task.CompletedTask;
    private TResponse? _current;
    private Status? _status;
    private Metadata _trailers = Metadata.Empty;
    private int _released;

    internal ClientCall(
        HttpMessageInvoker http,
        Uri address,
        GrpcChannelOptions options,
        Method<TRequest, TResponse> method,
        CallOptions call,
        CancellationToken channelClosed)
    {
        _http = http;
        _address = address;
        _options = options;
        _method = method;
        _call = call;
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken);
        _channelClosed = channelClosed.UnsafeRegister(static call => ((IDisposable)call!).Dispose(), this);
    }

    internal Task<Metadata> ResponseHeaders => _responseHeaders.Task;

    public TResponse Current => _current ?? throw new InvalidOperationException("MoveNext has brought no message.");

    /// <summary>Sends the request of a streaming call; failures show in the first <see cref="MoveNext"/>.</summary>
    internal void Start(TRequest request, string? host) => _started = SendAsync(request, host);

    /// <summary>The whole of a unary call.</summary>
    internal async Task<TResponse> ReadSingleAsync(TRequest request, string? host)
    {
        try
        {
            await SendAsync(request, host).ConfigureAwait(false);
            TResponse? response = _messages is null ? null : await _messages.ReadNextAsync(_cancel.Token).ConfigureAwait(false);
            if (response is not null && await _messages!.ReadNextAsync(_cancel.Token).ConfigureAwait(false) is not null)
                throw MessageErrors.Additional();
            Finish();
            return response ?? throw new RpcException(new Status(StatusCode.Internal, "The server sent OK but no message."));
        }
        catch (Exception exception)
        {
            throw Fail(exception);
        }
        finally
        {
            Release();
        }
    }

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (_status is { } over)
            return over.StatusCode == StatusCode.OK ? false : throw new RpcException(over, _trailers);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static source => ((CancellationTokenSource)source!).Cancel(), _cancel);
        try
        {
            await _started.ConfigureAwait(false);
            _current = _messages is null ? null : await _messages.ReadNextAsync(_cancel.Token).ConfigureAwait(false);
            if (_current is not null) return true;
            Finish();
            Release();
            return false;
        }
        catch (Exception exception)
        {
            RpcException failure = Fail(exception);
            Release();
            throw failure;
        }
    }

    internal Status GetStatus() => _status ?? throw new InvalidOperationException("The call is not over.");

    internal Metadata GetTrailers() => _status is null ? throw new InvalidOperationException("The call is not over.") : _trailers;

    public void Dispose()
    {
        try
        {
            _cancel.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // over already
        }

        Release();
    }

    private async Task SendAsync(TRequest request, string? host)
    {
        using RequestContent content = RequestContent.Create(
            request, _method.RequestMarshaller, _options.MaxSendMessageSize ?? int.MaxValue, compress: Compresses);
        using HttpRequestMessage message = NewRequest(content, host);
        StartClock(message);
        _response = await _http.SendAsync(message, _cancel.Token).ConfigureAwait(false);
        if (Volatile.Read(ref _released) != 0) _response.Dispose(); // disposed while the headers were on their way

        ResponseStatus.ThrowIfNotGrpc(_response);
        _responseHeaders.TrySetResult(ResponseStatus.ReadMetadata(_response.Headers));
        if (ResponseStatus.TryRead(_response.Headers) is { } trailersOnly)
        {
            End(trailersOnly, ResponseStatus.ReadMetadata(_response.Headers));
            return;
        }

        Stream body = await _response.Content.ReadAsStreamAsync(_cancel.Token).ConfigureAwait(false);
        string? encoding = _response.Headers.TryGetValues(GrpcHeaders.Encoding, out IEnumerable<string>? values) ? values.First() : null;
        _messages = new MessageReader<TResponse>(
            PipeReader.Create(body, s_pipeOptions),
            encoding,
            _options.MaxReceiveMessageSize ?? int.MaxValue,
            _method.ResponseMarshaller.ContextualDeserializer);
    }

    private bool Compresses =>
        _options.RequestCompressionAlgorithm == GzipMessage.Name
        && ((_call.WriteOptions?.Flags ?? WriteFlags.None) & WriteFlags.NoCompress) == 0;

    private HttpRequestMessage NewRequest(RequestContent content, string? host)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, new Uri(_address, _method.FullName))
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        message.Headers.Host = host;
        message.Headers.TryAddWithoutValidation("te", "trailers");
        message.Headers.TryAddWithoutValidation("user-agent", "grpc-criruntime");
        message.Headers.TryAddWithoutValidation(GrpcHeaders.AcceptEncoding, GrpcHeaders.SupportedEncodings);
        if (Compresses) message.Headers.TryAddWithoutValidation(GrpcHeaders.Encoding, GzipMessage.Name);
        foreach (Metadata.Entry entry in _call.Headers ?? Metadata.Empty)
        {
            if (!GrpcHeaders.IsReserved(entry.Key)) message.Headers.TryAddWithoutValidation(entry.Key, MetadataEncoding.Encode(entry));
        }

        return message;
    }

    private void StartClock(HttpRequestMessage message)
    {
        if (_call.Deadline is not { } deadline || deadline == DateTime.MaxValue) return;
        TimeSpan left = deadline.ToUniversalTime() - DateTime.UtcNow;
        if (left <= TimeSpan.Zero) throw new RpcException(new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded"));
        message.Headers.TryAddWithoutValidation(GrpcHeaders.Timeout, CallTimeout.Format(left));
        if (left < CallTimeout.Longest) _cancel.CancelAfter(left);
    }

    /// <summary>Takes the status from the trailers; throws it when it is not OK.</summary>
    private void Finish()
    {
        if (_status is null)
        {
            Status status = ResponseStatus.TryRead(_response!.TrailingHeaders)
                ?? new Status(StatusCode.Internal, "The response ended without a grpc-status.");
            End(status, ResponseStatus.ReadMetadata(_response.TrailingHeaders));
        }

        if (_status!.Value.StatusCode != StatusCode.OK) throw new RpcException(_status.Value, _trailers);
    }

    private RpcException Fail(Exception exception)
    {
        RpcException failure = exception as RpcException ?? new RpcException(ResponseStatus.Explain(exception, TimedOut));
        if (_status is null) End(failure.Status, failure.Trailers);
        _responseHeaders.TrySetException(failure);
        _ = _responseHeaders.Task.Exception; // who does not await the headers learns of it from the call itself
        return failure;
    }

    private bool TimedOut =>
        _call.Deadline is { } deadline && deadline != DateTime.MaxValue
        && deadline.ToUniversalTime() <= DateTime.UtcNow.AddMilliseconds(5) // timers fire a little early
        && !_call.CancellationToken.IsCancellationRequested;

    private void End(Status status, Metadata trailers)
    {
        _trailers = trailers;
        _status = status;
    }

    private void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) != 0) return;
        _channelClosed.Unregister();
        _response?.Dispose();
        _cancel.Dispose();
    }

    private static readonly StreamPipeReaderOptions s_pipeOptions = new(useZeroByteReads: true);
}
