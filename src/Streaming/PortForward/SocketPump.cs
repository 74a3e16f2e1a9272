using System.Buffers;
using System.Net.Sockets;
using CriRuntime.Linux;
using CriRuntime.Streaming.Channels;

namespace CriRuntime.Streaming.PortForward;

/// <summary>
/// Joins a channel and a socket, both ways: half-closes pass on half-closes, resets pass on resets. Owns the socket.
/// An idle pair holds no buffer.
/// </summary>
internal sealed class SocketPump(StreamChannel channel, Socket socket)
{
    private int _reset;

    /// <summary>Runs until both directions have ended. Never throws: what breaks one pair is told to its two ends and nobody else.</summary>
    internal async Task RunAsync()
    {
        channel.Sink = new SocketSink(socket, Break);
        channel.WhenGone(Break);
        try
        {
            await Task.WhenAll(ToSocketAsync(), FromSocketAsync());
        }
        finally
        {
            channel.Received.Abandon();
            socket.Dispose();
        }
    }

    private async Task ToSocketAsync()
    {
        try
        {
            while (await channel.Received.WaitAsync())
            {
                int sent = await socket.SendAsync(channel.Received.Peek());
                channel.Received.Advance(sent);
                channel.Consumed(sent);
            }

            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            Break(e);
        }
    }

    private async Task FromSocketAsync()
    {
        try
        {
            // A receive of nothing waits for bytes without holding a buffer for them.
            do
                await socket.ReceiveAsync(Memory<byte>.Empty);
            while (await MoveAvailableAsync());
            channel.Complete();
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            Break(e);
        }
    }

    /// <summary>Moves what the socket has now. False at its end.</summary>
    private async Task<bool> MoveAvailableAsync()
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(channel.Headroom + StreamChannel.MaximumPayload);
        try
        {
            while (true)
            {
                int count = NonBlockingSocket.Receive(socket, buffer.AsSpan(channel.Headroom, StreamChannel.MaximumPayload));
                if (count <= 0)
                    return count == NonBlockingSocket.WouldBlock;
                await channel.WriteFramedAsync(buffer, count, CancellationToken.None);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>One side broke: reset both. The pod sees RST, the client RST_STREAM, and the other streams of the connection nothing.</summary>
    private void Break(Exception reason)
    {
        if (Interlocked.Exchange(ref _reset, 1) != 0)
            return;
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone already, or no TCP socket.
        }

        socket.Dispose();
        channel.Reset();
        channel.Received.Fail(reason);
    }
}
