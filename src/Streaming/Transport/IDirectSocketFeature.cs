using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

namespace CriRuntime.Streaming.Transport;

/// <summary>On connections of <see cref="StreamingTransport"/>: after an upgrade, the socket itself.</summary>
internal interface IDirectSocketFeature
{
    /// <summary>
    /// Gives the socket, and what was read of it beyond the request. From then on the connection's pipes must not be used; it still closes the socket
    /// when the request ends. False where that cannot be.
    /// </summary>
    bool TryTakeOver([NotNullWhen(true)] out Socket? socket, out byte[] received);
}
