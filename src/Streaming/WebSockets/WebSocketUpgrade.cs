using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using CriRuntime.Streaming.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CriRuntime.Streaming.WebSockets;

/// <summary>A WebSocket that was agreed on, with its subprotocol: empty where the client named none.</summary>
internal sealed record UpgradedWebSocket(WebSocket Socket, IUpgradedTransport Transport, string Protocol)
{
    /// <summary>Well below the minute after which client-go gives up on a server that answers no ping.</summary>
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Does the handshake of RFC 6455, 4.2. Null: refused and answered.</summary>
    internal static async Task<UpgradedWebSocket?> AcceptAsync(HttpContext context, IReadOnlyList<string> supported)
    {
        if (!TryReadKey(context, out string? key))
        {
            context.Response.Headers.SecWebSocketVersion = "13";
            await UpgradeRequest.RefuseAsync(context, StatusCodes.Status400BadRequest, "unable to upgrade: no WebSocket handshake of version 13");
            return null;
        }

        IReadOnlyList<string> wanted = UpgradeRequest.List(context.Request.Headers.SecWebSocketProtocol);
        string? protocol = wanted.Count == 0 ? "" : UpgradeRequest.Choose(wanted, supported);
        if (protocol is null)
        {
            await UpgradeRequest.RefuseAsync(
                context,
                StatusCodes.Status400BadRequest,
                $"unable to upgrade: requested protocol(s) are not supported: [{string.Join(' ', wanted)}]; supports [{string.Join(' ', supported)}]");
            return null;
        }

        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketAccept = AcceptFor(key);
        if (protocol.Length > 0)
            context.Response.Headers.SecWebSocketProtocol = protocol;
        IUpgradedTransport transport = await HttpUpgradeTransport.UpgradeAsync(context);

        // .NET answers pings only while a receive is pending. While reading is paused, the unsolicited pongs that it sends at this
        // interval (RFC 6455, 5.5.3) keep the client from giving up.
        // It is not told the subprotocol, for it takes none with a slash in it.
        WebSocket socket = WebSocket.CreateFromStream(transport.Stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = s_keepAlive });
        return new UpgradedWebSocket(socket, transport, protocol);
    }

    internal static string AcceptFor(string key)
    {
#pragma warning disable CA5350 // RFC 6455 says SHA-1; nothing secret depends on it.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }

    private static bool TryReadKey(HttpContext context, [NotNullWhen(true)] out string? key)
    {
        key = context.Request.Headers.SecWebSocketKey.ToString().Trim();
        Span<byte> nonce = stackalloc byte[18];
        return context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
            && HttpMethods.IsGet(context.Request.Method)
            && context.Request.Headers.SecWebSocketVersion == "13"
            && Convert.TryFromBase64String(key, nonce, out int length) && length == 16;
    }
}
