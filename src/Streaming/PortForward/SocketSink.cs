using System.Net.Sockets;
using CriRuntime.Linux;
using CriRuntime.Streaming.Channels;

namespace CriRuntime.Streaming.PortForward;

/// <summary>Sends received bytes to the pod straight from the connection's buffer, as far as the socket takes them at once.</summary>
internal sealed class SocketSink(Socket socket, Action<Exception> failed) : IDirectSink
{
    private volatile bool _broken;

    public int TryWrite(ReadOnlySpan<byte> bytes)
    {
        if (_broken)
            return bytes.Length;
        try
        {
            return Math.Max(NonBlockingSocket.Send(socket, bytes), 0);
        }
        catch (Exception e) when (e is LinuxException or ObjectDisposedException)
        {
            return Break(bytes.Length, e);
        }
    }

    private int Break(int discarded, Exception e)
    {
        _broken = true;
        failed(e);
        return discarded;
    }
}
