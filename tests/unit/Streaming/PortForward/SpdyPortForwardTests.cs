using System.Net.Sockets;
using System.Text;
using CriRuntime.Streaming.Channels;
using CriRuntime.Streaming.Client;
using CriRuntime.Streaming.Spdy;

namespace CriRuntime.Streaming.Tests.PortForward;

public sealed class SpdyPortForwardTests
{
    private const string Protocol = "portforward.k8s.io";
    private readonly CancellationToken _token = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    [Fact]
    public async Task Bytes_go_both_ways_and_so_do_half_closes()
    {
        using PodServer pod = new(PodServer.EchoAsync);
        await using StreamingServer server = await StreamingServer.ForPortsAsync(PodServer.ConnectAsync);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/portforward/x", _token, Protocol);
        (SpdyStream data, SpdyStream error) = await client.ForwardAsync(pod.Port, 1, _token);
        await data.WriteAsync("ping"u8.ToArray(), _token);
        byte[] buffer = new byte[4];
        await new ChannelInput(data).ReadExactlyAsync(buffer, _token);
        Assert.Equal("ping"u8.ToArray(), buffer);
        data.Complete();
        Assert.Empty(await SpdyClient.ReadToEndAsync(data, _token));
        Assert.Empty(await SpdyClient.ReadToEndAsync(error, _token));
        Assert.Equal(0, client.Connection.OpenStreams);
    }

    [Fact]
    public async Task Much_comes_back_as_it_went()
    {
        using PodServer pod = new(PodServer.EchoAsync);
        await using StreamingServer server = await StreamingServer.ForPortsAsync(PodServer.ConnectAsync);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, Protocol);
        byte[] sent = new byte[50_000_000];
        new Random(2).NextBytes(sent);
        (SpdyStream data, _) = await client.ForwardAsync(pod.Port, 1, _token);
        Task writing = WriteAsync(data, sent);
        Assert.Equal(sent, await SpdyClient.ReadToEndAsync(data, _token));
        await writing;
    }

    [Fact]
    public async Task A_refused_connection_is_told_on_its_error_stream_and_the_others_go_on()
    {
        using PodServer pod = new(PodServer.EchoAsync);
        await using StreamingServer server = await StreamingServer.ForPortsAsync(PodServer.ConnectAsync);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, Protocol);
        (SpdyStream good, _) = await client.ForwardAsync(pod.Port, 1, _token);
        (SpdyStream data, SpdyStream error) = await client.ForwardAsync(1, 2, _token);
        Assert.StartsWith("error forwarding port 1: ", Encoding.UTF8.GetString(await SpdyClient.ReadToEndAsync(error, _token)));
        Assert.Empty(await SpdyClient.ReadToEndAsync(data, _token));
        await AssertEchoAsync(good);
    }

    [Fact]
    public async Task A_reset_by_the_pod_resets_the_stream_and_the_others_go_on()
    {
        using PodServer echo = new(PodServer.EchoAsync);
        using PodServer pod = new(async socket =>
        {
            await socket.ReceiveAsync(new byte[1]);
            socket.LingerState = new LingerOption(true, 0);
        });
        await using StreamingServer server = await StreamingServer.ForPortsAsync(PodServer.ConnectAsync);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, Protocol);
        (SpdyStream good, _) = await client.ForwardAsync(echo.Port, 1, _token);
        (SpdyStream data, SpdyStream error) = await client.ForwardAsync(pod.Port, 2, _token);
        await data.WriteAsync("x"u8.ToArray(), _token);
        await Assert.ThrowsAsync<StreamResetException>(() => SpdyClient.ReadToEndAsync(data, _token));
        Assert.Empty(await SpdyClient.ReadToEndAsync(error, _token));
        await AssertEchoAsync(good);
    }

    [Fact]
    public async Task A_reset_by_the_client_resets_the_pods_connection()
    {
        TaskCompletionSource<SocketError> seen = new();
        using PodServer pod = new(async socket =>
        {
            try
            {
                await socket.SendAsync("ready"u8.ToArray());
                await socket.ReceiveAsync(new byte[1]);
                seen.SetResult(SocketError.Success);
            }
            catch (SocketException e)
            {
                seen.SetResult(e.SocketErrorCode);
            }
        });
        await using StreamingServer server = await StreamingServer.ForPortsAsync(PodServer.ConnectAsync);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, Protocol);
        (SpdyStream data, _) = await client.ForwardAsync(pod.Port, 1, _token);
        await new ChannelInput(data).ReadExactlyAsync(new byte[5], _token);
        data.Reset();
        Assert.Equal(SocketError.ConnectionReset, await seen.Task.WaitAsync(_token));
    }

    [Fact]
    public async Task A_client_that_vanishes_resets_all_its_connections_even_half_closed_ones()
    {
        using PodServer pod = new(async socket =>
        {
            await socket.SendAsync("!"u8.ToArray());
            while (await socket.ReceiveAsync(new byte[100]) > 0)
            {
            }

            // Half-closed by the client, and silent from here on: only a reset ends it.
            await socket.SendAsync("?"u8.ToArray());
            while (!socket.Poll(0, SelectMode.SelectError))
                await Task.Delay(10);
        });
        await using StreamingServer server = await StreamingServer.ForPortsAsync(PodServer.ConnectAsync);
        UpgradeResponse response = await UpgradeDialer.DialAsync(server.Address, "/", "POST", [("Upgrade", "SPDY/3.1"), ("X-Stream-Protocol-Version", Protocol)], _token);
        SpdyClient client = new(new Streaming.Http.SocketTransport(response.Socket), Protocol);
        (SpdyStream open, _) = await client.ForwardAsync(pod.Port, 1, _token);
        (SpdyStream half, _) = await client.ForwardAsync(pod.Port, 2, _token);
        half.Complete();
        await new ChannelInput(half).ReadExactlyAsync(new byte[2], _token);
        await new ChannelInput(open).ReadExactlyAsync(new byte[1], _token);

        response.Socket.Dispose();

        await server.IdleAsync();
        for (int i = 0; pod.Open > 0 && i < 200; i++)
            await Task.Delay(20, _token);
        Assert.Equal(0, pod.Open);
        await client.Ended;
    }

    [Fact]
    public async Task One_hundred_connections_at_once_do_not_mix()
    {
        using PodServer pod = new(PodServer.EchoAsync);
        await using StreamingServer server = await StreamingServer.ForPortsAsync(PodServer.ConnectAsync);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, Protocol);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async n =>
        {
            (SpdyStream data, _) = await client.ForwardAsync(pod.Port, n, _token);
            byte[] sent = new byte[200_000];
            new Random(n).NextBytes(sent);
            Task writing = WriteAsync(data, sent);
            Assert.Equal(sent, await SpdyClient.ReadToEndAsync(data, _token));
            await writing;
        }));
    }

    [Fact]
    public async Task Ten_thousand_connections_over_one_client_leave_memory_flat_and_nothing_open()
    {
        using PodServer pod = new(PodServer.EchoAsync);
        await using StreamingServer server = await StreamingServer.ForPortsAsync(PodServer.ConnectAsync);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, Protocol);
        await ForwardManyAsync(client, pod.Port, 0, 2000);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        int descriptorsBefore = Directory.GetFiles("/proc/self/fd").Length;
        await ForwardManyAsync(client, pod.Port, 2000, 10_000);
        long after = GC.GetTotalMemory(forceFullCollection: true);
        Assert.True(after - before < 4_000_000, $"{after - before} bytes more after 8000 connections.");
        // The runtime opens files of its own when it needs them, some tens; a leak of one in ten connections would show.
        Assert.True(Directory.GetFiles("/proc/self/fd").Length - descriptorsBefore < 800, "Descriptors leak.");
        Assert.Equal(0, client.Connection.OpenStreams);
    }

    [Fact]
    public async Task A_pod_that_does_not_read_holds_up_its_own_stream_first()
    {
        TaskCompletionSource read = new();
        long got = 0;
        using PodServer stalled = new(async socket =>
        {
            await read.Task;
            byte[] buffer = new byte[64 * 1024];
            while (await socket.ReceiveAsync(buffer) is > 0 and int count)
                got += count;
        });
        using PodServer echo = new(PodServer.EchoAsync);
        await using StreamingServer server = await StreamingServer.ForPortsAsync(PodServer.ConnectAsync);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, Protocol);
        (SpdyStream slow, SpdyStream slowError) = await client.ForwardAsync(stalled.Port, 1, _token);
        (SpdyStream fast, _) = await client.ForwardAsync(echo.Port, 2, _token);
        await slow.WriteAsync(new byte[1_500_000], _token);
        await AssertEchoAsync(fast);

        // Past its limit the whole connection waits, and goes on when the pod reads.
        (SpdyStream later, _) = await client.ForwardAsync(echo.Port, 3, _token);
        Task much = Task.Run(() => WriteAsync(slow, new byte[40_000_000]), _token);
        await Task.Delay(200, _token);
        Assert.False(much.IsCompleted);
        read.SetResult();
        await much;
        await AssertEchoAsync(later);
        Assert.Empty(await SpdyClient.ReadToEndAsync(slowError, _token));
        Assert.Equal(41_500_000, got);
    }

    [Fact]
    public async Task A_stream_without_its_partner_is_given_up_after_the_time_allowed()
    {
        await using StreamingServer server = await StreamingServer.ForPortsAsync(PodServer.ConnectAsync, new StreamingOptions { StreamCreationTimeout = TimeSpan.FromSeconds(2) });
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, Protocol);
        SpdyStream error = await client.OpenAsync(_token, ("streamtype", "error"), ("port", "80"), ("requestid", "1"));
        Assert.Equal("timed out waiting for streams", Encoding.UTF8.GetString(await SpdyClient.ReadToEndAsync(error, _token)));
    }

    [Fact]
    public async Task A_stream_without_a_port_or_a_kind_is_refused()
    {
        await using StreamingServer server = await StreamingServer.ForPortsAsync(PodServer.ConnectAsync);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, Protocol);
        await Assert.ThrowsAsync<StreamResetException>(() => client.OpenAsync(_token, ("streamtype", "data"), ("requestid", "1")));
        await Assert.ThrowsAsync<StreamResetException>(() => client.OpenAsync(_token, ("streamtype", "data"), ("port", "70000")));
        await Assert.ThrowsAsync<StreamResetException>(() => client.OpenAsync(_token, ("streamtype", "stdin"), ("port", "80")));
    }

    private static async Task WriteAsync(SpdyStream stream, byte[] bytes)
    {
        await stream.WriteAsync(bytes, CancellationToken.None);
        stream.Complete();
    }

    private async Task ForwardManyAsync(SpdyClient client, int port, int from, int to)
    {
        const int AtOnce = 20;
        for (int n = from; n < to; n += AtOnce)
        {
            await Task.WhenAll(Enumerable.Range(n, AtOnce).Select(async request =>
            {
                (SpdyStream data, SpdyStream error) = await client.ForwardAsync(port, request, _token);
                await WriteAsync(data, "x"u8.ToArray());
                Assert.Single(await SpdyClient.ReadToEndAsync(data, _token));
                Assert.Empty(await SpdyClient.ReadToEndAsync(error, _token));
            }));
        }
    }

    private async Task AssertEchoAsync(SpdyStream stream)
    {
        await WriteAsync(stream, "still here"u8.ToArray());
        Assert.Equal("still here", Encoding.UTF8.GetString(await SpdyClient.ReadToEndAsync(stream, _token)));
    }
}
