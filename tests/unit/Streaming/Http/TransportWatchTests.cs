using System.Net.WebSockets;
using CriRuntime.Streaming.Client;
using CriRuntime.Streaming.Spdy;

namespace CriRuntime.Streaming.Tests.Http;

/// <summary>Connections on which nothing happens, and clients that read nothing, by a clock that the test moves.</summary>
public sealed class TransportWatchTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);
    private readonly ManualClock _clock = new();
    private readonly List<string> _reports = [];
    private readonly CancellationToken _token = new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_without_a_byte_for_the_idle_timeout_is_ended_and_its_command_is_told(bool ownTransport)
    {
        TaskCompletionSource started = new();
        TaskCompletionSource gone = new();
        await using StreamingServer server = await ServeAsync(ownTransport, new() { IdleTimeout = s_limit }, async streams =>
        {
            using CancellationTokenRegistration telling = streams.ClientGone.Register(gone.SetResult);
            started.SetResult();
            await gone.Task;
            return new RemoteCommandOutcome.Succeeded();
        });
        await using SpdyClient client = await StartAsync(server);
        await started.Task.WaitAsync(_token);
        await AdvanceUntilAsync(gone.Task);
        await client.Ended.WaitAsync(_token);
        await server.IdleAsync();
        Assert.Contains(_reports, static report => report.Contains("idle", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_byte_either_way_begins_the_idle_time_anew()
    {
        await using StreamingServer server = await ServeAsync(ownTransport: true, new() { IdleTimeout = s_limit }, EchoAsync);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, "v4.channel.k8s.io");
        await client.OpenAsync(_token, ("streamtype", "error"));
        SpdyStream stdin = await client.OpenAsync(_token, ("streamtype", "stdin"));
        SpdyStream stdout = await client.OpenAsync(_token, ("streamtype", "stdout"));
        byte[] echo = new byte[1];
        for (int i = 0; i < 5; i++)
        {
            await stdin.WriteAsync("x"u8.ToArray(), _token);
            Assert.Equal(1, await stdout.ReadAsync(echo, _token));

            // The command began before the first echo, so this is no more the time to open streams.
            _clock.Advance(s_limit - TimeSpan.FromSeconds(5));
        }

        stdin.Complete();
        Assert.Empty(await SpdyClient.ReadToEndAsync(stdout, _token));
        Assert.Empty(_reports);
    }

    [Fact]
    public async Task An_idle_WebSocket_is_ended_too()
    {
        TaskCompletionSource started = new();
        TaskCompletionSource gone = new();
        await using StreamingServer server = await ServeAsync(ownTransport: true, new() { IdleTimeout = s_limit }, async streams =>
        {
            using CancellationTokenRegistration telling = streams.ClientGone.Register(gone.SetResult);
            started.SetResult();
            await gone.Task;
            return new RemoteCommandOutcome.Succeeded();
        });
        using ClientWebSocket client = new();
        client.Options.AddSubProtocol("v5.channel.k8s.io");
        await client.ConnectAsync(new Uri($"ws://{server.Address}/exec/x"), _token);
        await started.Task.WaitAsync(_token);
        await AdvanceUntilAsync(gone.Task);
        await server.IdleAsync();
        Assert.Contains(_reports, static report => report.Contains("idle", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_reads_nothing_for_the_write_timeout_is_dropped_and_the_writer_fails(bool ownTransport)
    {
        TaskCompletionSource<Exception> failed = new();
        TaskCompletionSource writing = new();
        await using StreamingServer server = await ServeAsync(ownTransport, new() { WriteTimeout = s_limit }, async streams =>
        {
            try
            {
                writing.SetResult();
                byte[] piece = new byte[1 << 20];
                while (true)
                    await streams.Stdout!.WriteAsync(piece, CancellationToken.None);
            }
            catch (IOException e)
            {
                failed.SetResult(e);
                throw;
            }
        });

        // Opens its streams by hand, and then never reads.
        using UpgradeResponse response = await UpgradeDialer.DialAsync(
            server.Address, "/", "POST", [("Upgrade", "SPDY/3.1"), ("X-Stream-Protocol-Version", "v4.channel.k8s.io")], _token);
        using ControlQueue frames = new();
        uint id = 1;
        foreach (string type in (string[])["error", "stdin", "stdout"])
        {
            frames.SynStream(id, FrameFlags.None, new Dictionary<string, string> { ["streamtype"] = type });
            id += 2;
        }

        await response.Socket.SendAsync(frames.Take(), _token);
        await writing.Task.WaitAsync(_token);
        await AdvanceUntilAsync(failed.Task);
        Assert.IsType<StreamResetException>(await failed.Task);
        await server.IdleAsync();
        Assert.Contains(_reports, static report => report.Contains("read nothing", StringComparison.Ordinal));
    }

    private static async Task<RemoteCommandOutcome> EchoAsync(RemoteCommandStreams streams)
    {
        await streams.Stdin!.CopyToAsync(streams.Stdout!, streams.ClientGone);
        return new RemoteCommandOutcome.Succeeded();
    }

    private Task<StreamingServer> ServeAsync(bool ownTransport, StreamingOptions options, Func<RemoteCommandStreams, Task<RemoteCommandOutcome>> run)
    {
        StreamingOptions watched = options with { Clock = _clock, Report = (message, _) => _reports.Add(message) };
        return StreamingServer.StartAsync(context => StreamingEndpoints.ServeRemoteCommandAsync(context, new(true, true, false, false), run, watched), ownTransport);
    }

    private async Task<SpdyClient> StartAsync(StreamingServer server)
    {
        SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, "v4.channel.k8s.io");
        foreach (string type in (string[])["error", "stdin", "stdout"])
            await client.OpenAsync(_token, ("streamtype", type));
        return client;
    }

    /// <summary>Lets a minute pass again and again: what is watched may begin a moment after the test does.</summary>
    private async Task AdvanceUntilAsync(Task done)
    {
        while (!done.IsCompleted)
        {
            _token.ThrowIfCancellationRequested();
            _clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(10, _token);
        }
    }
}
