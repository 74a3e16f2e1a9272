using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using CriRuntime.Streaming.Client;
using CriRuntime.Streaming.Http;
using CriRuntime.Streaming.Spdy;
using CriRuntime.Streaming.WebSockets;

namespace CriRuntime.Streaming.Tests.PortForward;

public sealed class WebSocketPortForwardTests
{
    private readonly CancellationToken _token = new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Fact]
    public async Task Two_channels_for_each_port_begin_with_the_port()
    {
        using PodServer pod = new(async socket =>
        {
            byte[] buffer = new byte[100];
            int count = await socket.ReceiveAsync(buffer);
            await socket.SendAsync(Encoding.ASCII.GetBytes("got " + Encoding.ASCII.GetString(buffer, 0, count)));
        });
        await using StreamingServer server = await StreamingServer.ForPortsAsync(PodServer.ConnectAsync, null, pod.Port, 1);
        using ClientWebSocket client = await ConnectAsync(server, "v4.channel.k8s.io");
        await client.SendAsync("\0hi"u8.ToArray(), WebSocketMessageType.Binary, true, _token);
        Dictionary<int, string> got = await WebSockets.WebSocketRemoteCommandTests.ReceiveAllAsync(client, false, _token, Encoding.Latin1);
        string port = new([(char)(pod.Port & 0xFF), (char)(pod.Port >> 8)]);
        Assert.Equal(port + "got hi", got[0]);
        Assert.Equal(port, got[1]);
        Assert.Equal("\u0001\0", got[2]);
        Assert.StartsWith("\u0001\0error forwarding port 1: ", got[3]);
    }

    [Fact]
    public async Task Ports_come_from_the_query_where_the_request_has_none()
    {
        using PodServer pod = new(socket => socket.SendAsync("x"u8.ToArray()));
        await using StreamingServer server = await StreamingServer.ForPortsAsync(PodServer.ConnectAsync);
        using ClientWebSocket client = await ConnectAsync(server, "v4.base64.channel.k8s.io", $"?port={pod.Port}");
        Assert.EndsWith("x", (await WebSockets.WebSocketRemoteCommandTests.ReceiveAllAsync(client, true, _token))[0]);
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(server, "v4.channel.k8s.io", "?port=80,0"));
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(server, "v4.channel.k8s.io"));
    }

    [Fact]
    public async Task Spdy_goes_through_a_tunnel_of_binary_messages()
    {
        using PodServer pod = new(PodServer.EchoAsync);
        await using StreamingServer server = await StreamingServer.ForPortsAsync(PodServer.ConnectAsync);
        using UpgradeResponse response = await UpgradeDialer.DialAsync(
            server.Address,
            "/",
            "GET",
            [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Protocol", "SPDY/3.1+portforward.k8s.io")],
            _token);
        Assert.Equal((101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "SPDY/3.1+portforward.k8s.io"), (response.Status, response.Headers["Sec-WebSocket-Accept"], response.Headers["Sec-WebSocket-Protocol"]));
        using WebSocket socket = WebSocket.CreateFromStream(new NetworkStream(response.Socket), new WebSocketCreationOptions());
        await using SpdyClient client = new(new Tunnel(socket), "portforward.k8s.io");
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async n =>
        {
            byte[] sent = new byte[300_000];
            new Random(n).NextBytes(sent);
            (SpdyStream data, SpdyStream error) = await client.ForwardAsync(pod.Port, n, _token);
            Task writing = data.WriteAsync(sent, _token).AsTask().ContinueWith(_ => data.Complete(), TaskScheduler.Default);
            Assert.Equal(sent, await SpdyClient.ReadToEndAsync(data, _token));
            Assert.Empty(await SpdyClient.ReadToEndAsync(error, _token));
            await writing;
        }));
    }

    private async Task<ClientWebSocket> ConnectAsync(StreamingServer server, string protocol, string query = "")
    {
        ClientWebSocket client = new();
        client.Options.AddSubProtocol(protocol);
        await client.ConnectAsync(new Uri($"ws://{server.Address}/{query}"), _token);
        return client;
    }

    private sealed class Tunnel(WebSocket socket) : IUpgradedTransport
    {
        public Stream Stream { get; } = new WebSocketByteStream(socket);

        public void Abort() => socket.Abort();

        public bool PeerHasClosed() => false;
    }
}
