using System.Net.Sockets;
using System.Net.WebSockets;
using CriRuntime.Streaming.Channels;
using CriRuntime.Streaming.Client;
using CriRuntime.Streaming.Spdy;
using CriRuntime.Streaming.Tests.PortForward;

namespace CriRuntime.Streaming.Tests.Transport;

/// <summary>Streams over the transport that Kestrel brings, as under TLS or where <c>AddStreamingTransport</c> was not called: slower, and else the same.</summary>
public sealed class KestrelTransportTests
{
    private readonly CancellationToken _token = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task A_command_s_input_outputs_and_status_pass_over_SPDY()
    {
        await using StreamingServer server = await ServeAsync(ReverseAsync);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, "v4.channel.k8s.io");
        SpdyStream error = await client.OpenAsync(_token, ("streamtype", "error"));
        SpdyStream stdin = await client.OpenAsync(_token, ("streamtype", "stdin"));
        SpdyStream stdout = await client.OpenAsync(_token, ("streamtype", "stdout"));
        byte[] sent = new byte[5_000_000];
        new Random(4).NextBytes(sent);
        await stdin.WriteAsync(sent, _token);
        stdin.Complete();
        Assert.Equal(sent.Reverse(), await SpdyClient.ReadToEndAsync(stdout, _token));
        Assert.Contains("Success", System.Text.Encoding.UTF8.GetString(await SpdyClient.ReadToEndAsync(error, _token)), StringComparison.Ordinal);
        await client.Ended.WaitAsync(_token);
        await server.IdleAsync();
    }

    [Fact]
    public async Task A_command_s_output_passes_over_WebSocket()
    {
        byte[] sent = new byte[1_000_000];
        new Random(5).NextBytes(sent);
        await using StreamingServer server = await ServeAsync(async streams =>
        {
            await streams.Stdout!.WriteAsync(sent, _token);
            return new RemoteCommandOutcome.Succeeded();
        });
        using ClientWebSocket client = new();
        client.Options.AddSubProtocol("v5.channel.k8s.io");
        await client.ConnectAsync(new Uri($"ws://{server.Address}/"), _token);
        using MemoryStream stdout = new();
        byte[] buffer = new byte[100_000];
        bool first = true;
        int channel = 0;
        while (await client.ReceiveAsync(buffer.AsMemory(), _token) is { MessageType: WebSocketMessageType.Binary } part)
        {
            channel = first ? buffer[0] : channel;
            if (channel == 1)
                stdout.Write(buffer, first ? 1 : 0, part.Count - (first ? 1 : 0));
            first = part.EndOfMessage;
        }

        Assert.Equal(sent, stdout.ToArray());
        await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _token);
        await server.IdleAsync();
    }

    [Fact]
    public async Task Forwarded_connections_pass_bytes_half_closes_and_resets()
    {
        using PodServer echo = new(PodServer.EchoAsync);
        using PodServer reset = new(async socket =>
        {
            await socket.ReceiveAsync(new byte[1]);
            socket.LingerState = new LingerOption(true, 0);
        });
        await using StreamingServer server = await StreamingServer.StartAsync(
            context => StreamingEndpoints.ServePortForwardAsync(context, [], PodServer.ConnectAsync, new StreamingOptions()), ownTransport: false);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, "portforward.k8s.io");
        (SpdyStream data, _) = await client.ForwardAsync(echo.Port, 1, _token);
        (SpdyStream broken, _) = await client.ForwardAsync(reset.Port, 2, _token);
        await broken.WriteAsync("x"u8.ToArray(), _token);
        await Assert.ThrowsAsync<StreamResetException>(() => SpdyClient.ReadToEndAsync(broken, _token));
        byte[] sent = new byte[10_000_000];
        new Random(6).NextBytes(sent);
        Task writing = WriteAsync(data, sent);
        Assert.Equal(sent, await SpdyClient.ReadToEndAsync(data, _token));
        await writing;
    }

    [Fact]
    public async Task A_client_that_vanishes_is_noticed_even_while_its_input_is_not_read()
    {
        TaskCompletionSource gone = new();
        await using StreamingServer server = await ServeAsync(async streams =>
        {
            using CancellationTokenRegistration telling = streams.ClientGone.Register(gone.SetResult);
            await gone.Task;
            return new RemoteCommandOutcome.Succeeded();
        });
        UpgradeResponse response = await UpgradeDialer.DialAsync(
            server.Address, "/", "POST", [("Upgrade", "SPDY/3.1"), ("X-Stream-Protocol-Version", "v4.channel.k8s.io")], _token);
        SpdyClient client = new(new Streaming.Http.SocketTransport(response.Socket), "v4.channel.k8s.io");
        await client.OpenAsync(_token, ("streamtype", "error"));
        SpdyStream stdin = await client.OpenAsync(_token, ("streamtype", "stdin"));
        await client.OpenAsync(_token, ("streamtype", "stdout"));
        await stdin.WriteAsync(new byte[3_000_000], _token);
        response.Socket.Dispose();
        await gone.Task.WaitAsync(_token);
        await server.IdleAsync();
        await client.Ended;
    }

    private static Task<StreamingServer> ServeAsync(Func<RemoteCommandStreams, Task<RemoteCommandOutcome>> run) => StreamingServer.StartAsync(
        context => StreamingEndpoints.ServeRemoteCommandAsync(context, new(true, true, false, false), run, new StreamingOptions()), ownTransport: false);

    private static async Task WriteAsync(StreamChannel stream, byte[] bytes)
    {
        await stream.WriteAsync(bytes, CancellationToken.None);
        stream.Complete();
    }

    private async Task<RemoteCommandOutcome> ReverseAsync(RemoteCommandStreams streams)
    {
        using MemoryStream all = new();
        await streams.Stdin!.CopyToAsync(all, _token);
        byte[] bytes = all.ToArray();
        Array.Reverse(bytes);
        await streams.Stdout!.WriteAsync(bytes, _token);
        return new RemoteCommandOutcome.Succeeded();
    }
}
