namespace Grpc.Core;

/// <summary>Messages going out, one at a time.</summary>
public interface IAsyncStreamWriter<in T>
{
    WriteOptions? WriteOptions { get; set; }

    /// <summary>
    /// Sends one message and waits while the peer's flow control holds it back. At most one write at a time.
    /// </summary>
    /// <exception cref="InvalidOperationException">A write is still under way, or the call is over.</exception>
    /// <exception cref="RpcException">ResourceExhausted: longer than may be sent.</exception>
    Task WriteAsync(T message);

    /// <inheritdoc cref="WriteAsync(T)"/>
    Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return WriteAsync(message);
    }
}

/// <summary>The server's side of a stream of responses; the stream ends when the method returns.</summary>
public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>;

/// <summary>Messages coming in, one at a time.</summary>
public interface IAsyncStreamReader<out T>
{
    /// <summary>The message of the last <see cref="MoveNext"/> that returned true.</summary>
    T Current { get; }

    /// <summary>Waits for the next message; false at the end of a call that ended with OK.</summary>
    /// <exception cref="RpcException">The call ended with another status.</exception>
    Task<bool> MoveNext(CancellationToken cancellationToken);
}

/// <summary>Lets a received stream be read by <c>await foreach</c>.</summary>
public static class AsyncStreamReaderExtensions
{
    public static async IAsyncEnumerable<T> ReadAllAsync<T>(
        this IAsyncStreamReader<T> streamReader,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(streamReader);
        while (await streamReader.MoveNext(cancellationToken).ConfigureAwait(false))
            yield return streamReader.Current;
    }
}
