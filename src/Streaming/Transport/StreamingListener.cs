using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace CriRuntime.Streaming.Transport;

/// <summary>A listening TCP socket.</summary>
internal sealed class StreamingListener : IConnectionListener
{
    private const int Backlog = 512;

    // Out of descriptors or memory: accepting again at once would only spin.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private readonly Socket _socket;

    /// <exception cref="AddressInUseException">What Kestrel expects for that.</exception>
    internal StreamingListener(IPEndPoint endpoint)
    {
        _socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint.Address.Equals(IPAddress.IPv6Any))
                _socket.DualMode = true;
            _socket.Bind(endpoint);
            _socket.Listen(Backlog);
        }
        catch (SocketException e)
        {
            _socket.Dispose();
            if (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
                throw new AddressInUseException(e.Message, e);
            throw;
        }

        EndPoint = _socket.LocalEndPoint!;
    }

    public EndPoint EndPoint { get; }

    /// <returns>Null when the listener was closed.</returns>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                Socket socket = await _socket.AcceptAsync(cancellationToken);
                socket.NoDelay = true;
                return new StreamingConnection(socket);
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.OperationAborted)
            {
                return null;
            }
            catch (SocketException)
            {
                // The client's, gone before it was accepted, or a lack that passes.
                await Task.Delay(s_pause, cancellationToken);
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return default;
    }
}
