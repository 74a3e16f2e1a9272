using System.Buffers;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Streaming;

/// <summary>Copies between a process's pipes or terminal and its client. None of these fails: each ends with its streams.</summary>
internal static class StreamCopy
{
    /// <summary>A terminal passes on what was written to it a moment later.</summary>
    internal static readonly TimeSpan TerminalLag = TimeSpan.FromMilliseconds(50);

    private const int BufferSize = 64 << 10;

    /// <summary>What a process has written lies in its pipe when it ends; what comes beyond that is written by others.</summary>
    private const int AfterTheEnd = 1 << 20;

    /// <summary>Copies a process's output until all its writers have closed it, or the process has ended and what it wrote is copied.</summary>
    internal static async Task OutputAsync(DescriptorStream? from, Stream? to, Task ended, TimeSpan lag)
    {
        if (from is null || to is null)
            return;
        using CancellationTokenSource over = new();
        _ = CancelAfterAsync(ended, lag, over);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await CopyAsync(from, to, buffer, over.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The client reads no more. Closing this end tells the process (SIGPIPE).
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await from.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Copies what the client sends, until it has no more or the process takes no more.</summary>
    /// <param name="close">Pass the end on by closing the process's input: what a pipe needs, and would hang up a terminal.</param>
    internal static async Task InputAsync(Stream? from, Stream? to, bool close)
    {
        if (from is null || to is null)
            return;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (await from.ReadAsync(buffer.AsMemory(0, BufferSize)).ConfigureAwait(false) is > 0 and int read)
                await to.WriteAsync(buffer.AsMemory(0, read)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The process reads no more, or the client has gone.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (close)
                await to.DisposeAsync().ConfigureAwait(false);
            // What may still come is discarded, so that it does not hold up the connection's other streams.
            await from.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task CopyAsync(DescriptorStream from, Stream to, byte[] buffer, CancellationToken over)
    {
        int after = 0;
        while (after < AfterTheEnd)
        {
            // Looked at before the read: what was written before the end is then sure to be found.
            bool last = over.IsCancellationRequested;
            int read = from.TryRead(buffer);
            if (read == 0 || (read < 0 && last))
                return;
            if (read < 0)
            {
                await from.WaitForInputAsync(over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            await to.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None).ConfigureAwait(false);
            after += last ? read : 0;
        }
    }

    private static async Task CancelAfterAsync(Task ended, TimeSpan lag, CancellationTokenSource over)
    {
        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (lag > TimeSpan.Zero)
            await Task.Delay(lag).ConfigureAwait(false);
        try
        {
            await over.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The copy ended first.
        }
    }
}
