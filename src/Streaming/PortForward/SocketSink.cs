using System.Net.Sockets;
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
            int sent = socket.Send(bytes, SocketFlags.None, out SocketError error);
            if (error == SocketError.Success)
                return sent;
            if (error is SocketError.WouldBlock or SocketError.IOPending)
                return Math.Max(sent, 0);
            return Break(bytes.Length, new SocketException((int)error));
        }
        catch (ObjectDisposedException e)
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
