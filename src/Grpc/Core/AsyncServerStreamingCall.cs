namespace Grpc.Core;

/// <summary>A call under way that brings a stream of responses.</summary>
public sealed class AsyncServerStreamingCall<TResponse> : IDisposable
{
    private readonly Func<Status> _getStatus;
    private readonly Func<Metadata> _getTrailers;
    private readonly Action _dispose;

    public AsyncServerStreamingCall(
        IAsyncStreamReader<TResponse> responseStream,
        Task<Metadata> responseHeadersAsync,
        Func<Status> getStatusFunc,
        Func<Metadata> getTrailersFunc,
        Action disposeAction)
    {
        ResponseStream = responseStream;
        ResponseHeadersAsync = responseHeadersAsync;
        _getStatus = getStatusFunc;
        _getTrailers = getTrailersFunc;
        _dispose = disposeAction;
    }

    public IAsyncStreamReader<TResponse> ResponseStream { get; }

    public Task<Metadata> ResponseHeadersAsync { get; }

    /// <exception cref="InvalidOperationException">The call is not over.</exception>
    public Status GetStatus() => _getStatus();

    /// <inheritdoc cref="GetStatus"/>
    public Metadata GetTrailers() => _getTrailers();

    /// <summary>Cancels the call if it is not over.</summary>
    public void Dispose() => _dispose();
}
