using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using CriRuntime.Streaming.Channels;
using CriRuntime.Streaming.Http;
using CriRuntime.Streaming.RemoteCommand;
using CriRuntime.Streaming.WebSockets;
using Microsoft.AspNetCore.Http;

namespace CriRuntime.Streaming.PortForward;

/// <summary>
/// Port forwarding over WebSocket: either SPDY in a tunnel, or two channels for each port (data 2n, error 2n+1), whose first message from here
/// is the port, as two bytes, little-endian. In the latter each port is connected to once, at the start.
/// </summary>
internal static class WebSocketPortForward
{
    internal const string TunnelProtocol = "SPDY/3.1+" + SpdyPortForward.Protocol;

    // Channel 255 is reserved.
    private const int MaximumPorts = 127;

    private static readonly string[] s_protocols = [TunnelProtocol, RemoteCommandProtocol.V4, RemoteCommandProtocol.Base64V4];

    internal static async Task ServeAsync(HttpContext context, IReadOnlyList<int> ports, Func<int, CancellationToken, Task<Socket>> connect, StreamingOptions options)
    {
        bool tunnel = UpgradeRequest.Choose(UpgradeRequest.List(context.Request.Headers.SecWebSocketProtocol), s_protocols) == TunnelProtocol;
        if (!tunnel && (ports = ports.Count > 0 ? ports : PortsOf(context.Request.Query)) is not { Count: > 0 and <= MaximumPorts })
        {
            await UpgradeRequest.RefuseAsync(context, StatusCodes.Status400BadRequest, $"query parameter \"port\" is required: 1 to {MaximumPorts} ports from 1 to 65535");
            return;
        }

        if (await UpgradedWebSocket.AcceptAsync(context, s_protocols) is not { } upgrade)
            return;
        if (!tunnel)
        {
            await ServeChannelsAsync(upgrade, ports, connect, options);
            return;
        }

        using (upgrade.Socket)
            await SpdyPortForward.ServeAsync(new WebSocketTunnel(upgrade), connect, options);
    }

    private static async Task ServeChannelsAsync(UpgradedWebSocket upgrade, IReadOnlyList<int> ports, Func<int, CancellationToken, Task<Socket>> connect, StreamingOptions options)
    {
        ChannelCodec codec = upgrade.Protocol == RemoteCommandProtocol.Base64V4 ? ChannelCodec.Base64 : ChannelCodec.Binary;
        ChannelWebSocket socket = new(upgrade, 2 * ports.Count, codec, closeSignals: false, options);
        Task reading = socket.RunAsync();
        try
        {
            await Task.WhenAll(ports.Select((port, n) => ForwardAsync(socket, port, socket.Channels[2 * n], socket.Channels[(2 * n) + 1], connect, options)));
        }
        finally
        {
            await socket.CloseAsync();
            await reading;
        }
    }

    private static async Task ForwardAsync(
        ChannelWebSocket socket, int port, StreamChannel data, StreamChannel error, Func<int, CancellationToken, Task<Socket>> connect, StreamingOptions options)
    {
        byte[] portBytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(portBytes, (ushort)port);
        try
        {
            await data.WriteAsync(portBytes, socket.Closed);
            await error.WriteAsync(portBytes, socket.Closed);
        }
        catch (Exception e) when (e is StreamResetException or OperationCanceledException)
        {
            data.Received.Abandon();
            return;
        }

        await ForwardedPort.RunAsync(port, data, error, connect, options, socket.Closed);
    }

    /// <summary>The query's <c>port</c>, which may come several times and be a list. Empty: none, or a bad one.</summary>
    private static List<int> PortsOf(IQueryCollection query)
    {
        List<int> ports = [];
        foreach (string text in UpgradeRequest.List(query["port"]))
        {
            if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0)
                return [];
            ports.Add(port);
        }

        return ports;
    }
}
