using System.Net.Sockets;
using CriRuntime.Streaming.Http;
using CriRuntime.Streaming.PortForward;
using CriRuntime.Streaming.RemoteCommand;
using Microsoft.AspNetCore.Http;

namespace CriRuntime.Streaming;

/// <summary>Kubernetes' streaming protocols, server side. Each serves SPDY/3.1 and WebSocket at the same URL, by the request's headers.</summary>
public static class StreamingEndpoints
{
    /// <summary>
    /// Serves exec or attach: v1 to v5 of the remote command protocol over SPDY; v5, v4, v1 and the base64 variants over WebSocket. A client
    /// that asks for nothing of these is answered with 400 or 403, and <paramref name="run"/> is not called. The task ends with the connection.
    /// </summary>
    /// <param name="run">Runs the command between the streams; an exception becomes <see cref="RemoteCommandOutcome.Failed"/>.</param>
    public static async Task ServeRemoteCommandAsync(
        HttpContext context, RemoteCommandOptions options, Func<RemoteCommandStreams, Task<RemoteCommandOutcome>> run, StreamingOptions streaming)
    {
        if (UpgradeRequest.WantsWebSocket(context.Request))
            await WebSocketRemoteCommand.ServeAsync(context, options, run, streaming);
        else if (await UpgradeRequest.UpgradeToSpdyAsync(context, RemoteCommandProtocol.OverSpdy, RemoteCommandProtocol.V1) is { } upgrade)
            await SpdyRemoteCommand.ServeAsync(upgrade, options, run, streaming);
    }

    /// <summary>
    /// Serves port forwarding: portforward.k8s.io over SPDY, and that tunnelled in WebSocket; v4 channels over WebSocket. The task ends with the
    /// connection, and with it all that it forwarded.
    /// </summary>
    /// <param name="ports">For the v4 channels, which cannot name ports themselves; where empty, the query's <c>port</c> is used. SPDY clients name ports stream by stream.</param>
    /// <param name="connect">Connects to a port of the pod; the socket is this method's to close. An exception's message is told to the client on the error stream.</param>
    public static async Task ServePortForwardAsync(
        HttpContext context, IReadOnlyList<int> ports, Func<int, CancellationToken, Task<Socket>> connect, StreamingOptions streaming)
    {
        if (UpgradeRequest.WantsWebSocket(context.Request))
            await WebSocketPortForward.ServeAsync(context, ports, connect, streaming);
        else if (await UpgradeRequest.UpgradeToSpdyAsync(context, [SpdyPortForward.Protocol], SpdyPortForward.Protocol) is { } upgrade)
            await SpdyPortForward.ServeAsync(upgrade.Transport, connect, streaming);
    }
}
