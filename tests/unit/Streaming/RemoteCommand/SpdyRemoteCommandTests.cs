using System.Text;
using System.Text.Json;
using CriRuntime.Streaming.Channels;
using CriRuntime.Streaming.Client;
using CriRuntime.Streaming.Spdy;

namespace CriRuntime.Streaming.Tests.RemoteCommand;

public sealed class SpdyRemoteCommandTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    private readonly CancellationToken _token = new CancellationTokenSource(s_limit).Token;

    [Theory]
    [InlineData("v5.channel.k8s.io")]
    [InlineData("v4.channel.k8s.io")]
    [InlineData("v3.channel.k8s.io")]
    [InlineData("v2.channel.k8s.io")]
    [InlineData("channel.k8s.io")]
    [InlineData("")]
    public async Task Every_version_of_the_protocol_carries_input_and_both_outputs(string version)
    {
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(true, true, true, false), UpperCaseAsync);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/exec/x", _token, version.Length > 0 ? [version] : []);
        Assert.Equal(version, client.Protocol);
        SpdyStream error = await client.OpenAsync(_token, ("streamtype", "error"));
        SpdyStream stdin = await client.OpenAsync(_token, ("streamtype", "stdin"));
        SpdyStream stdout = await client.OpenAsync(_token, ("streamtype", "stdout"));
        SpdyStream stderr = await client.OpenAsync(_token, ("streamtype", "stderr"));

        await stdin.WriteAsync("hello"u8.ToArray(), _token);
        stdin.Complete();

        Assert.Equal("HELLO", await TextAsync(stdout));
        Assert.Equal("5 bytes", await TextAsync(stderr));
        Assert.Equal(version is "v4.channel.k8s.io" or "v5.channel.k8s.io" ? """{"metadata":{},"status":"Success"}""" : "", await TextAsync(error));
        await client.Ended.WaitAsync(_token);
        await server.IdleAsync();
    }

    [Fact]
    public async Task The_first_of_the_clients_versions_that_is_known_is_chosen()
    {
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(false, true, false, false), UpperCaseAsync);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, "v9.channel.k8s.io", "v3.channel.k8s.io, v4.channel.k8s.io");
        Assert.Equal("v3.channel.k8s.io", client.Protocol);
    }

    [Fact]
    public async Task A_client_that_knows_no_common_version_is_told_which_there_are()
    {
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(false, true, false, false), UpperCaseAsync);
        using UpgradeResponse response = await UpgradeDialer.DialAsync(server.Address, "/", "POST", [("Upgrade", "SPDY/3.1"), ("X-Stream-Protocol-Version", "v9.channel.k8s.io")], _token);
        Assert.Equal(403, response.Status);
        Assert.Equal("v5.channel.k8s.io, v4.channel.k8s.io, v3.channel.k8s.io, v2.channel.k8s.io, channel.k8s.io", response.Headers["X-Accepted-Stream-Protocol-Versions"]);
    }

    [Fact]
    public async Task A_request_without_an_upgrade_is_refused()
    {
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(false, true, false, false), UpperCaseAsync);
        using HttpClient http = new();
        using HttpResponseMessage response = await http.GetAsync(new Uri($"http://{server.Address}/"), _token);
        Assert.Equal(400, (int)response.StatusCode);
    }

    [Fact]
    public async Task An_exit_code_reaches_the_client_as_the_cause_of_a_status()
    {
        using JsonDocument status = JsonDocument.Parse(await StatusOfAsync("v4.channel.k8s.io", _ => Task.FromResult(RemoteCommandOutcome.FromExitCode(3))));
        JsonElement root = status.RootElement;
        Assert.Equal("Failure", root.GetProperty("status").GetString());
        Assert.Equal("NonZeroExitCode", root.GetProperty("reason").GetString());
        JsonElement cause = root.GetProperty("details").GetProperty("causes")[0];
        Assert.Equal("ExitCode", cause.GetProperty("reason").GetString());
        Assert.Equal("3", cause.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_failing_handler_is_an_internal_error_with_its_message()
    {
        using JsonDocument status = JsonDocument.Parse(await StatusOfAsync("v5.channel.k8s.io", _ => throw new InvalidOperationException("no such \"container\"")));
        Assert.Equal("InternalError", status.RootElement.GetProperty("reason").GetString());
        Assert.Contains("no such \"container\"", status.RootElement.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Before_v4_an_exit_code_is_told_as_text() =>
        Assert.Equal("command terminated with non-zero exit code: exit status 3", await StatusOfAsync("v3.channel.k8s.io", _ => Task.FromResult(RemoteCommandOutcome.FromExitCode(3))));

    [Fact]
    public async Task The_sizes_of_the_terminal_arrive_however_they_are_cut()
    {
        TaskCompletionSource<List<TerminalSize>> seen = new();
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(true, true, true, true), async streams =>
        {
            Assert.Null(streams.Stderr);
            List<TerminalSize> sizes = [];
            await foreach (TerminalSize size in streams.Resizes.ReadAllAsync(_token))
            {
                sizes.Add(size);
                await streams.Stdout!.WriteAsync("."u8.ToArray(), _token);
            }

            seen.SetResult(sizes);
            return new RemoteCommandOutcome.Succeeded();
        });
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, "v4.channel.k8s.io");
        await client.OpenAsync(_token, ("streamtype", "error"));
        await client.OpenAsync(_token, ("streamtype", "stdin"));
        SpdyStream stdout = await client.OpenAsync(_token, ("streamtype", "stdout"));
        SpdyStream resize = await client.OpenAsync(_token, ("streamtype", "resize"));
        byte[] dot = new byte[1];

        await resize.WriteAsync("{\"Width\":80,\"Height\":24}\n"u8.ToArray(), _token);
        await stdout.ReadAsync(dot, _token);
        await resize.WriteAsync("{\"Width\":1"u8.ToArray(), _token);
        await resize.WriteAsync("20,\"Height\":40}"u8.ToArray(), _token);
        await stdout.ReadAsync(dot, _token);
        resize.Complete();

        Assert.Equal([new(80, 24), new(120, 40)], await seen.Task.WaitAsync(_token));
    }

    [Fact]
    public async Task Garbage_for_a_size_does_not_end_the_command()
    {
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(false, true, false, true), async streams =>
        {
            await foreach (TerminalSize _ in streams.Resizes.ReadAllAsync(_token))
                Assert.Fail("No size was sent.");
            await streams.Stdout!.WriteAsync("done"u8.ToArray(), _token);
            return new RemoteCommandOutcome.Succeeded();
        });
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, "v4.channel.k8s.io");
        await client.OpenAsync(_token, ("streamtype", "error"));
        SpdyStream stdout = await client.OpenAsync(_token, ("streamtype", "stdout"));
        SpdyStream resize = await client.OpenAsync(_token, ("streamtype", "resize"));
        await resize.WriteAsync("[1,2]"u8.ToArray(), _token);
        Assert.Equal("done", await TextAsync(stdout));
    }

    [Fact]
    public async Task A_client_that_goes_away_cancels_the_handler_and_leaves_nothing()
    {
        TaskCompletionSource started = new();
        TaskCompletionSource<Exception> failed = new();
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(true, true, false, false), async streams =>
        {
            started.SetResult();
            try
            {
                await streams.Stdin!.ReadExactlyAsync(new byte[10], CancellationToken.None);
            }
            catch (IOException e)
            {
                failed.SetResult(e);
            }

            await Task.Delay(Timeout.Infinite, streams.ClientGone);
            return new RemoteCommandOutcome.Succeeded();
        });
        UpgradeResponse response = await UpgradeDialer.DialAsync(server.Address, "/", "POST", [("Upgrade", "SPDY/3.1"), ("X-Stream-Protocol-Version", "v4.channel.k8s.io")], _token);
        SpdyClient client = new(new Streaming.Http.SocketTransport(response.Socket), "v4.channel.k8s.io");
        foreach (string type in (string[])["error", "stdin", "stdout"])
            await client.OpenAsync(_token, ("streamtype", type));
        await started.Task.WaitAsync(_token);

        response.Socket.Dispose();

        Assert.IsType<StreamResetException>(await failed.Task.WaitAsync(_token));
        await server.IdleAsync();
        await client.Ended;
    }

    [Fact]
    public async Task Streams_that_never_come_end_the_connection_after_the_time_allowed()
    {
        List<string> reports = [];
        StreamingOptions options = new() { StreamCreationTimeout = TimeSpan.FromSeconds(2), Report = (message, _) => reports.Add(message) };
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(true, true, false, false), _ => throw new InvalidOperationException("ran"), options);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, "v4.channel.k8s.io");
        await client.OpenAsync(_token, ("streamtype", "error"));
        await client.Ended.WaitAsync(_token);
        Assert.Contains(reports, static r => r.Contains("stdin", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_of_an_unknown_kind_or_twice_is_refused_and_the_rest_goes_on()
    {
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(true, true, true, false), UpperCaseAsync);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, "v4.channel.k8s.io");
        await client.OpenAsync(_token, ("streamtype", "error"));
        await Assert.ThrowsAsync<StreamResetException>(() => client.OpenAsync(_token, ("streamtype", "error")));
        await Assert.ThrowsAsync<StreamResetException>(() => client.OpenAsync(_token, ("streamtype", "video")));
        await Assert.ThrowsAsync<StreamResetException>(() => client.OpenAsync(_token));
        SpdyStream stdin = await client.OpenAsync(_token, ("streamtype", "stdin"));
        SpdyStream stdout = await client.OpenAsync(_token, ("streamtype", "stdout"));
        await client.OpenAsync(_token, ("streamtype", "stderr"));
        stdin.Complete();
        Assert.Equal("", await TextAsync(stdout));
    }

    [Fact]
    public async Task Output_ends_for_the_client_when_the_handler_disposes_it_while_the_command_goes_on()
    {
        TaskCompletionSource proceed = new();
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(false, true, true, false), async streams =>
        {
            await streams.Stdout!.DisposeAsync();
            await proceed.Task;
            await streams.Stderr!.WriteAsync("late"u8.ToArray(), _token);
            return new RemoteCommandOutcome.Succeeded();
        });
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, "v4.channel.k8s.io");
        await client.OpenAsync(_token, ("streamtype", "error"));
        SpdyStream stdout = await client.OpenAsync(_token, ("streamtype", "stdout"));
        SpdyStream stderr = await client.OpenAsync(_token, ("streamtype", "stderr"));
        Assert.Equal("", await TextAsync(stdout));
        proceed.SetResult();
        Assert.Equal("late", await TextAsync(stderr));
    }

    [Fact]
    public async Task Much_output_arrives_whole_with_a_client_that_reads_slowly()
    {
        byte[] sent = new byte[20_000_000];
        new Random(1).NextBytes(sent);
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(false, true, false, false), async streams =>
        {
            await streams.Stdout!.WriteAsync(sent, _token);
            return new RemoteCommandOutcome.Succeeded();
        });
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, "v4.channel.k8s.io");
        SpdyStream error = await client.OpenAsync(_token, ("streamtype", "error"));
        SpdyStream stdout = await client.OpenAsync(_token, ("streamtype", "stdout"));
        await Task.Delay(300, _token);
        Assert.Equal(sent, await SpdyClient.ReadToEndAsync(stdout, _token));
        Assert.Contains("Success", await TextAsync(error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_hundred_commands_at_once_keep_their_streams_apart()
    {
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(true, true, true, false), UpperCaseAsync);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async n =>
        {
            await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, "v4.channel.k8s.io");
            await client.OpenAsync(_token, ("streamtype", "error"));
            SpdyStream stdin = await client.OpenAsync(_token, ("streamtype", "stdin"));
            SpdyStream stdout = await client.OpenAsync(_token, ("streamtype", "stdout"));
            SpdyStream stderr = await client.OpenAsync(_token, ("streamtype", "stderr"));
            await stdin.WriteAsync(Encoding.ASCII.GetBytes($"client {n}"), _token);
            stdin.Complete();
            Assert.Equal($"CLIENT {n}", await TextAsync(stdout));
            await TextAsync(stderr);
        }));
        await server.IdleAsync();
    }

    private static async Task<RemoteCommandOutcome> UpperCaseAsync(RemoteCommandStreams streams)
    {
        byte[] buffer = new byte[1000];
        int total = 0;
        while (streams.Stdin is not null && await streams.Stdin.ReadAsync(buffer, streams.ClientGone) is > 0 and int count)
        {
            total += count;
            await streams.Stdout!.WriteAsync(Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(buffer, 0, count).ToUpperInvariant()), streams.ClientGone);
        }

        if (streams.Stderr is not null)
            await streams.Stderr.WriteAsync(Encoding.ASCII.GetBytes($"{total} bytes"), streams.ClientGone);
        return new RemoteCommandOutcome.Succeeded();
    }

    private async Task<string> StatusOfAsync(string version, Func<RemoteCommandStreams, Task<RemoteCommandOutcome>> run)
    {
        await using StreamingServer server = await StreamingServer.ForCommandAsync(new(false, true, false, false), run);
        await using SpdyClient client = await SpdyClient.ConnectAsync(server.Address, "/", _token, version);
        SpdyStream error = await client.OpenAsync(_token, ("streamtype", "error"));
        await client.OpenAsync(_token, ("streamtype", "stdout"));
        return await TextAsync(error);
    }

    private async Task<string> TextAsync(StreamChannel channel) => Encoding.UTF8.GetString(await SpdyClient.ReadToEndAsync(channel, _token));
}
