using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Streaming;

[Collection(SharedDaemonCollection.Name)]
public sealed class PortForwardTests(SharedDaemon shared) : IAsyncLifetime
{
    private readonly Daemon _daemon = shared.Daemon;
    private PodSandboxConfig _pod = null!;
    private string _podId = "";

    public async ValueTask InitializeAsync()
    {
        _pod = _daemon.Pod("forward-" + Guid.NewGuid().ToString("n")[..8], hostNetwork: false);
        _podId = await _daemon.RunPodAsync(_pod);
    }

    public async ValueTask DisposeAsync() => await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = _podId });

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    public async Task A_server_on_the_pods_loopback_answers(string address)
    {
        await _daemon.StartNewAsync(_podId, _pod, Cri.Container("web", "httpd", "-f", "-p", $"{address}:8080", "-h", "/etc"));
        (string data, string error) = await GetAsync(8080);
        Assert.Equal("", error);
        Assert.Contains("200 OK", data, StringComparison.Ordinal);
        Assert.Contains("root:x:0:0", data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_without_a_server_is_an_error_that_names_it()
    {
        (string data, string error) = await GetAsync(4711);
        Assert.Equal("", data);
        Assert.Contains("4711", error, StringComparison.Ordinal);
        Assert.Contains("refused", error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_pod_that_is_not_ready_has_no_ports()
    {
        await _daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = _podId });
        await Cri.RefusedAsync(StatusCode.FailedPrecondition, () => _daemon.Runtime.PortForwardAsync(new PortForwardRequest { PodSandboxId = _podId, Port = { 80 } }).ResponseAsync);
        await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.Runtime.PortForwardAsync(new PortForwardRequest { PodSandboxId = _podId, Port = { 70000 } }).ResponseAsync);
    }

    /// <summary>GET /passwd through the forwarded port, again until the server listens. Channel 0 is the data, 1 the errors; the first frame of each has the port.</summary>
    private async Task<(string Data, string Error)> GetAsync(int port)
    {
        for (int attempt = 0; ; attempt++)
        {
            (string data, string error) = await TryGetAsync(port);
            if (data.Length > 0 || attempt == 20)
                return (data, error);
            await Task.Delay(50);
        }
    }

    private async Task<(string Data, string Error)> TryGetAsync(int port)
    {
        string url = (await _daemon.Runtime.PortForwardAsync(new PortForwardRequest { PodSandboxId = _podId, Port = { port } })).Url;
        using ClientWebSocket socket = new();
        socket.Options.AddSubProtocol("v4.channel.k8s.io");
        await socket.ConnectAsync(new UriBuilder(url) { Scheme = "ws" }.Uri, Wait.Limit);
        await socket.SendAsync((byte[])[0, .. "GET /passwd HTTP/1.0\r\n\r\n"u8], WebSocketMessageType.Binary, true, Wait.Limit);
        StringBuilder[] received = [new(), new()];
        int[] frames = new int[2];
        byte[] buffer = new byte[64 << 10];
        while (true)
        {
            ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer.AsMemory(), Wait.Limit);
            if (part.MessageType == WebSocketMessageType.Close)
                return (received[0].ToString(), received[1].ToString());
            byte channel = buffer[0];
            if (frames[channel]++ == 0)
                Assert.Equal(port, BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(1)));
            else
                received[channel].Append(Encoding.UTF8.GetString(buffer, 1, part.Count - 1));
        }
    }
}
