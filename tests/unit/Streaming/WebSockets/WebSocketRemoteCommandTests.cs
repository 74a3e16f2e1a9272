using System.Net.WebSockets;
using System.Text;

namespace CriRuntime.Streaming.Tests.WebSockets;

public sealed class WebSocketRemoteCommandTests
{
    private readonly CancellationToken _token = new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Theory]
    [InlineData("v5.channel.k8s.io", false, true)]
    [InlineData("v4.channel.k8s.io", false, true)]
    [InlineData("v4.base64.channel.k8s.io", true, true)]
    [InlineData("channel.k8s.io", false, false)]
    [InlineData("base64.channel.k8s.io", true, false)]
    [InlineData("", false, false)]
    public async Task Every_variant_carries_input_and_both_outputs(string protocol, bool base64, bool json)
    {
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(true, true, true, false), FiveUpperCaseAsync);
        using ClientWebSocket client = await ConnectAsync(server, protocol);
        Assert.Equal(protocol.Length > 0 ? protocol : null, client.SubProtocol);
        await SendAsync(client, base64, 0, "hello");
        Dictionary<int, string> got = await ReceiveAllAsync(client, base64);
        Assert.Equal("HELLO", got[1]);
        Assert.Equal("5 bytes", got[2]);
        Assert.Equal(json ? """{"metadata":{},"status":"Success"}""" : null, got.GetValueOrDefault(3));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
    }

    [Fact]
    public async Task In_v5_a_client_half_closes_its_input()
    {
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(true, true, false, false), async streams =>
        {
            using StreamReader reader = new(streams.Stdin!);
            await streams.Stdout!.WriteAsync(Encoding.UTF8.GetBytes(await reader.ReadToEndAsync(_token)), _token);
            return new RemoteCommandOutcome.Exited(7);
        });
        using ClientWebSocket client = await ConnectAsync(server, "v5.channel.k8s.io");
        await SendAsync(client, false, 0, "to the end");
        await client.SendAsync(new byte[] { 255, 0 }, WebSocketMessageType.Binary, true, _token);
        Dictionary<int, string> got = await ReceiveAllAsync(client, false);
        Assert.Equal("to the end", got[1]);
        Assert.Contains("\"message\":\"7\"", got[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_message_tells_that_the_connection_stands()
    {
        TaskCompletionSource proceed = new();
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(false, true, false, false), async _ =>
        {
            await proceed.Task;
            return new RemoteCommandOutcome.Succeeded();
        });
        using ClientWebSocket client = await ConnectAsync(server, "v4.channel.k8s.io");
        byte[] buffer = new byte[10];
        WebSocketReceiveResult first = await client.ReceiveAsync(buffer, _token);
        Assert.Equal((1, true, 1), (first.Count, first.EndOfMessage, (int)buffer[0]));
        proceed.SetResult();
        await ReceiveAllAsync(client, false);
    }

    [Fact]
    public async Task Sizes_of_the_terminal_come_on_channel_4()
    {
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(true, true, false, true), async streams =>
        {
            TerminalSize size = await streams.Resizes.ReadAsync(_token);
            await streams.Stdout!.WriteAsync(Encoding.ASCII.GetBytes($"{size.Width}x{size.Height}"), _token);
            return new RemoteCommandOutcome.Succeeded();
        });
        using ClientWebSocket client = await ConnectAsync(server, "v5.channel.k8s.io");
        await SendAsync(client, false, 4, """{"Width":132,"Height":50}""");
        Assert.Equal("132x50", (await ReceiveAllAsync(client, false))[1]);
    }

    [Fact]
    public async Task Channels_that_do_not_exist_are_ignored()
    {
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(true, true, true, false), FiveUpperCaseAsync);
        using ClientWebSocket client = await ConnectAsync(server, "v4.channel.k8s.io");
        await SendAsync(client, false, 9, "nobody");
        await SendAsync(client, false, 1, "nor here");
        await SendAsync(client, false, 0, "hello");
        Assert.Equal("HELLO", (await ReceiveAllAsync(client, false))[1]);
    }

    [Fact]
    public async Task Text_that_is_no_base64_ends_the_connection()
    {
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(true, true, true, false), FiveUpperCaseAsync);
        using ClientWebSocket client = await ConnectAsync(server, "v4.base64.channel.k8s.io");
        await client.SendAsync("0!!!!"u8.ToArray(), WebSocketMessageType.Text, true, _token);
        byte[] buffer = new byte[100];
        WebSocketReceiveResult received;
        do
            received = await client.ReceiveAsync(buffer, _token);
        while (received.MessageType != WebSocketMessageType.Close);
        Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, client.CloseStatus);
        await server.IdleAsync();
    }

    [Fact]
    public async Task Large_input_is_not_limited_by_messages_or_buffers()
    {
        const int Size = 10_000_000;
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(true, true, false, false), async streams =>
        {
            byte[] got = new byte[Size];
            await streams.Stdin!.ReadExactlyAsync(got, _token);
            await streams.Stdout!.WriteAsync(System.Security.Cryptography.SHA256.HashData(got), _token);
            return new RemoteCommandOutcome.Succeeded();
        });
        using ClientWebSocket client = await ConnectAsync(server, "v4.channel.k8s.io");
        byte[] message = new byte[1 + Size];
        new Random(3).NextBytes(message);
        message[0] = 0;
        await client.SendAsync(message, WebSocketMessageType.Binary, true, _token);
        Dictionary<int, string> got = await ReceiveAllAsync(client, false, Encoding.Latin1);
        Assert.Equal(Encoding.Latin1.GetString(System.Security.Cryptography.SHA256.HashData(message.AsSpan(1))), got[1]);
    }

    [Fact]
    public async Task A_client_that_goes_away_cancels_the_handler()
    {
        TaskCompletionSource started = new();
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(true, true, false, false), async streams =>
        {
            started.SetResult();
            await Task.Delay(Timeout.Infinite, streams.ClientGone);
            return new RemoteCommandOutcome.Succeeded();
        });
        using ClientWebSocket client = await ConnectAsync(server, "v5.channel.k8s.io");
        await started.Task.WaitAsync(_token);
        client.Abort();
        await server.IdleAsync();
    }

    [Fact]
    public async Task An_unknown_subprotocol_is_refused()
    {
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(true, true, false, false), FiveUpperCaseAsync);
        WebSocketException e = await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(server, "chat"));
        Assert.Contains("400", e.Message, StringComparison.Ordinal);
    }

    internal static async Task<Dictionary<int, string>> ReceiveAllAsync(WebSocket client, bool base64, CancellationToken token, Encoding? encoding = null)
    {
        Dictionary<int, List<byte>> channels = [];
        byte[] buffer = new byte[200_000];
        int filled = 0;
        while (true)
        {
            WebSocketReceiveResult received = await client.ReceiveAsync(new ArraySegment<byte>(buffer, filled, buffer.Length - filled), token);
            if (received.MessageType == WebSocketMessageType.Close)
                break;
            filled += received.Count;
            if (!received.EndOfMessage)
                continue;
            Assert.Equal(base64 ? WebSocketMessageType.Text : WebSocketMessageType.Binary, received.MessageType);
            int channel = base64 ? buffer[0] - '0' : buffer[0];
            byte[] payload = buffer[1..filled];
            channels.TryAdd(channel, []);
            channels[channel].AddRange(base64 ? Convert.FromBase64String(Encoding.ASCII.GetString(payload)) : payload);
            filled = 0;
        }

        await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, token);
        return channels.ToDictionary(c => c.Key, c => (encoding ?? Encoding.UTF8).GetString(c.Value.ToArray()));
    }

    private static async Task<RemoteCommandOutcome> FiveUpperCaseAsync(RemoteCommandStreams streams)
    {
        byte[] buffer = new byte[5];
        await streams.Stdin!.ReadExactlyAsync(buffer, streams.ClientGone);
        await streams.Stdout!.WriteAsync(Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(buffer).ToUpperInvariant()), streams.ClientGone);
        await streams.Stderr!.WriteAsync("5 bytes"u8.ToArray(), streams.ClientGone);
        return new RemoteCommandOutcome.Succeeded();
    }

    private Task<Dictionary<int, string>> ReceiveAllAsync(WebSocket client, bool base64, Encoding? encoding = null) => ReceiveAllAsync(client, base64, _token, encoding);

    private Task SendAsync(WebSocket client, bool base64, int channel, string text) => base64
        ? client.SendAsync((ArraySegment<byte>)Encoding.ASCII.GetBytes($"{channel}{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}"), WebSocketMessageType.Text, true, _token)
        : client.SendAsync((ArraySegment<byte>)(byte[])[(byte)channel, .. Encoding.UTF8.GetBytes(text)], WebSocketMessageType.Binary, true, _token);

    private async Task<ClientWebSocket> ConnectAsync(StreamingServer server, string protocol)
    {
        ClientWebSocket client = new();
        if (protocol.Length > 0)
            client.Options.AddSubProtocol(protocol);
        await client.ConnectAsync(new Uri($"ws://{server.Address}/"), _token);
        return client;
    }
}
