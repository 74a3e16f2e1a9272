using System.Net.Sockets;
using System.Net.WebSockets;

namespace CriRuntime.Streaming.Http;

/// <summary>The exceptions that reads and writes of a connection throw when it is broken, aborted or closed under them.</summary>
internal static class TransportFailure
{
    internal static bool Is(Exception e) =>
        e is IOException or SocketException or WebSocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException;
}
