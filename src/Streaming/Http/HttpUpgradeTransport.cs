using System.Net.Sockets;
using CriRuntime.Streaming.Transport;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace CriRuntime.Streaming.Http;

/// <summary>An HTTP/1.1 connection that was upgraded: what lies below its stream is Kestrel's matter.</summary>
internal sealed class HttpUpgradeTransport(HttpContext context, Stream stream) : IUpgradedTransport
{
    private const int TcpLevel = 6;
    private const int TcpInfo = 11;
    private const byte TcpEstablished = 1;
    private readonly Socket? _socket = context.Features.Get<IConnectionSocketFeature>()?.Socket;

    public Stream Stream { get; } = stream;

    /// <summary>Sends 101 with the response headers set so far.</summary>
    internal static async Task<IUpgradedTransport> UpgradeAsync(HttpContext context)
    {
        // A reader may pause for as long as it likes: what Kestrel holds against slow ones is for requests.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } responseRate)
            responseRate.MinDataRate = null;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } requestRate)
            requestRate.MinDataRate = null;
        Stream stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();

        // Under TLS the socket carries something else.
        if (!context.Request.IsHttps && context.Features.Get<IDirectSocketFeature>()?.TryTakeOver(out Socket? socket, out byte[] received) is true)
            return new SocketTransport(socket, received);
        return new HttpUpgradeTransport(context, stream);
    }

    public void Abort() => context.Abort();

    public bool PeerHasClosed() => _socket is null ? context.RequestAborted.IsCancellationRequested : !IsEstablished(_socket);

    /// <summary>The state of the TCP connection (tcp(7), TCP_INFO): anything but ESTABLISHED means that the peer closed or vanished.</summary>
    internal static bool IsEstablished(Socket socket)
    {
        if (socket.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
            return true;
        Span<byte> info = stackalloc byte[8];
        try
        {
            socket.GetRawSocketOption(TcpLevel, TcpInfo, info);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }

        return info[0] == TcpEstablished;
    }
}
