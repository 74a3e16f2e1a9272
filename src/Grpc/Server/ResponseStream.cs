using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>The responses of one streaming call.</summary>
internal sealed class ResponseStream<T>(ServerCall call, Marshaller<T> marshaller) : IServerStreamWriter<T>
    where T : class
{
    private int _writing;

    public WriteOptions? WriteOptions
    {
        get => call.WriteOptions;
        set => call.WriteOptions = value;
    }

    public Task WriteAsync(T message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (Interlocked.Exchange(ref _writing, 1) != 0)
            throw new InvalidOperationException("Can't write the message because the previous write is in progress.");
        try
        {
            cancellationToken.ThrowIfCancellationRequested();

            // a writer that never looks at the token must still stop when nobody reads any more
            call.CancellationToken.ThrowIfCancellationRequested();
            await call.WriteAndFlushAsync(message, marshaller, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _writing, 0);
        }
    }
}
