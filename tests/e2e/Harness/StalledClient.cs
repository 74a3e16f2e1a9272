using System.Net.Sockets;
using System.Text;

namespace CriRuntime.E2e.Harness;

/// <summary>A client that upgrades to a stream and then reads nothing any more.</summary>
internal static class StalledClient
{
    internal static async Task<TcpClient> AttachAsync(string url)
    {
        Uri address = new(url);
        TcpClient client = new() { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(address.Host, address.Port);
        string request = $"GET {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        byte[] head = new byte[12];
        await client.GetStream().ReadExactlyAsync(head);
        Assert.Equal("HTTP/1.1 101", Encoding.ASCII.GetString(head));
        return client;
    }
}
