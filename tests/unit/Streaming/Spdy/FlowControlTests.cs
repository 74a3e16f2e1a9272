using CriRuntime.Streaming.Spdy;

namespace CriRuntime.Streaming.Tests.Spdy;

/// <summary>Windows, against a peer that keeps them and resets what does not.</summary>
public sealed class FlowControlTests
{
    private static readonly byte[] s_bytes = MakeBytes(1_000_000);
    private readonly CancellationToken _token = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    [Theory]
    [InlineData(64 * 1024, 64 * 1024)]
    [InlineData(10_000, 10_000)]
    [InlineData(1000, 333)]
    public async Task Output_stays_within_the_window_that_the_client_announced(int window, int credit)
    {
        await using StreamingServer server = await ServeAsync(WriteAsync);
        using StrictPeer peer = await StrictPeer.ConnectAsync(server, _token);
        await peer.AnnounceAsync(window, _token);
        (_, uint stdout) = await OpenAsync(peer);
        for (int due = window; due < s_bytes.Length; due += credit)
        {
            int expected = due;
            await peer.ReceiveUntilAsync(() => peer.Received[stdout].Length >= expected, _token);
            await peer.CreditAsync(stdout, credit, _token);
        }

        await peer.ReceiveUntilAsync(() => peer.Ended.Contains(stdout), _token);
        Assert.Empty(peer.Overrun);
        Assert.Equal(s_bytes, peer.Received[stdout].ToArray());
    }

    [Fact]
    public async Task A_window_of_nothing_holds_output_back_until_it_opens_and_other_streams_go_on()
    {
        await using StreamingServer server = await ServeAsync(async streams =>
        {
            Task writing = WriteAsync(streams);
            await streams.Stderr!.WriteAsync("beside"u8.ToArray(), _token);
            await writing;
            return new RemoteCommandOutcome.Succeeded();
        });
        using StrictPeer peer = await StrictPeer.ConnectAsync(server, _token);
        await peer.AnnounceAsync(0, _token);
        (_, uint stdout) = await OpenAsync(peer);
        uint stderr = stdout + 2;
        await peer.CreditAsync(stderr, 100, _token);
        await peer.ReceiveUntilAsync(() => peer.Received[stderr].Length == 6, _token);
        await peer.ReceiveForAsync(TimeSpan.FromMilliseconds(100));
        Assert.Equal(0, peer.Received[stdout].Length);
        await peer.CreditAsync(stdout, s_bytes.Length, _token);
        await peer.ReceiveUntilAsync(() => peer.Received[stdout].Length == s_bytes.Length, _token);
        Assert.Empty(peer.Overrun);
    }

    [Fact]
    public async Task A_window_that_shrinks_below_what_was_sent_is_worked_off_first()
    {
        await using StreamingServer server = await ServeAsync(WriteAsync);
        using StrictPeer peer = await StrictPeer.ConnectAsync(server, _token);
        await peer.AnnounceAsync(50_000, _token);
        (_, uint stdout) = await OpenAsync(peer);
        await peer.ReceiveUntilAsync(() => peer.Received[stdout].Length == 50_000, _token);

        // The window is now -40,000: these credits open it by nothing, the last one by 10,000.
        await peer.AnnounceAsync(10_000, _token);
        await peer.CreditAsync(stdout, 40_000, _token);
        await peer.ReceiveForAsync(TimeSpan.FromMilliseconds(100));
        Assert.Equal(50_000, peer.Received[stdout].Length);
        await peer.CreditAsync(stdout, 10_000, _token);
        await peer.ReceiveUntilAsync(() => peer.Received[stdout].Length == 60_000, _token);
        Assert.Empty(peer.Overrun);
    }

    [Fact]
    public async Task A_window_that_grows_past_what_a_number_holds_resets_its_stream_only()
    {
        await using StreamingServer server = await ServeAsync(async streams =>
        {
            await streams.Stderr!.WriteAsync("beside"u8.ToArray(), _token);
            await streams.Stdin!.ReadExactlyAsync(new byte[1], _token);
            await streams.Stderr.WriteAsync("after"u8.ToArray(), _token);
            return new RemoteCommandOutcome.Succeeded();
        });
        using StrictPeer peer = await StrictPeer.ConnectAsync(server, _token);
        await peer.AnnounceAsync(1000, _token);
        (uint stdin, uint stdout) = await OpenAsync(peer);
        uint stderr = stdout + 2;
        await peer.ReceiveUntilAsync(() => peer.Received[stderr].Length == 6, _token);
        await peer.CreditAsync(stdout, int.MaxValue, _token);
        await peer.ReceiveUntilAsync(() => peer.Reset.ContainsKey(stdout), _token);
        Assert.Equal(ResetStatus.FlowControlError, peer.Reset[stdout]);
        await peer.SendAllAsync(stdin, "x"u8.ToArray(), _token);
        await peer.ReceiveUntilAsync(() => peer.Received[stderr].Length == 11, _token);
    }

    [Fact]
    public async Task Input_from_a_client_that_keeps_to_the_window_never_stalls()
    {
        await using StreamingServer server = await ServeAsync(async streams =>
        {
            using MemoryStream all = new();
            await streams.Stdin!.CopyToAsync(all, _token);
            Assert.Equal(s_bytes, all.ToArray());
            await streams.Stdout!.WriteAsync("whole"u8.ToArray(), _token);
            return new RemoteCommandOutcome.Succeeded();
        });
        using StrictPeer peer = await StrictPeer.ConnectAsync(server, _token);
        (uint stdin, uint stdout) = await OpenAsync(peer);
        await peer.SendAllAsync(stdin, s_bytes, _token);
        await peer.ReceiveUntilAsync(() => peer.Received[stdout].Length == 5, _token);
        Assert.True(peer.WindowUpdates > 10);
    }

    [Fact]
    public async Task Frames_for_streams_that_are_over_are_no_violation()
    {
        List<string> reports = [];
        TaskCompletionSource more = new();
        await using StreamingServer server = await ServeAsync(
            async streams =>
            {
                await streams.Stdout!.DisposeAsync();
                await more.Task;
                await streams.Stderr!.WriteAsync("on"u8.ToArray(), _token);
                return new RemoteCommandOutcome.Succeeded();
            },
            new StreamingOptions { Report = (message, _) => reports.Add(message) });
        using StrictPeer peer = await StrictPeer.ConnectAsync(server, _token);
        (uint stdin, uint stdout) = await OpenAsync(peer);
        await peer.ReceiveUntilAsync(() => peer.Ended.Contains(stdout), _token);

        // Both halves of stdout are closed after this; what follows was under way, as far as the client knows.
        await peer.SendAllAsync(stdout, ReadOnlyMemory<byte>.Empty, _token);
        await peer.CreditAsync(stdout, 1000, _token);
        await peer.SendAllAsync(stdout, "late"u8.ToArray(), _token);
        await peer.ResetAsync(stdout, _token);
        await peer.ResetAsync(stdin, _token);
        await peer.SendAllAsync(stdin, "later"u8.ToArray(), _token);
        await peer.CreditAsync(stdin, 1000, _token);
        await peer.ResetAsync(stdin, _token);
        more.SetResult();
        await peer.ReceiveUntilAsync(() => peer.Received[stdout + 2].Length == 2, _token);
        await peer.GoAwayAsync(_token);
        await peer.SendAllAsync(stdin, "after GOAWAY"u8.ToArray(), _token);
        await peer.ReceiveUntilAsync(() => peer.Ended.Contains(stdout + 2), _token);
        Assert.Empty(reports);
    }

    private static byte[] MakeBytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(3).NextBytes(bytes);
        return bytes;
    }

    private static Task<StreamingServer> ServeAsync(Func<RemoteCommandStreams, Task<RemoteCommandOutcome>> run, StreamingOptions? options = null) =>
        StreamingServer.ForCommandAsync(new(true, true, true, false), run, options);

    private async Task<RemoteCommandOutcome> WriteAsync(RemoteCommandStreams streams)
    {
        await streams.Stdout!.WriteAsync(s_bytes, _token);
        return new RemoteCommandOutcome.Succeeded();
    }

    /// <summary>Error, stdin, stdout and stderr, with ids that follow one another.</summary>
    private async Task<(uint Stdin, uint Stdout)> OpenAsync(StrictPeer peer)
    {
        await peer.OpenAsync("error", _token);
        uint stdin = await peer.OpenAsync("stdin", _token);
        uint stdout = await peer.OpenAsync("stdout", _token);
        await peer.OpenAsync("stderr", _token);
        return (stdin, stdout);
    }
}
