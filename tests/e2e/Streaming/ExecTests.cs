using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Streaming;

[Collection(SharedDaemonCollection.Name)]
public sealed class ExecTests(SharedDaemon shared) : IAsyncLifetime
{
    private readonly Daemon _daemon = shared.Daemon;
    private string _podId = "";
    private string _container = "";

    public async ValueTask InitializeAsync()
    {
        PodSandboxConfig pod = _daemon.Pod("stream-" + Guid.NewGuid().ToString("n")[..8]);
        _podId = await _daemon.RunPodAsync(pod);
        _container = await _daemon.StartNewAsync(_podId, pod, Cri.Container("main"));
    }

    public async ValueTask DisposeAsync() => await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = _podId });

    [Fact]
    public async Task Stdin_stdout_and_stderr_are_those_of_the_command_and_its_exit_code_comes_back()
    {
        await using StreamClient client = await ExecAsync(new() { Stdin = true, Stdout = true, Stderr = true, Cmd = { "sh", "-c", "cat; echo done >&2; exit 7" } });
        await client.SendAsync("hello ");
        await client.SendAsync("world");
        await client.CloseStdinAsync();
        Assert.Equal(7, (await client.EndAsync()).ExitCode);
        Assert.Equal(("hello world", "done\n"), (client.Stdout, client.Stderr));
    }

    [Fact]
    public async Task Twenty_megabytes_of_output_arrive_whole()
    {
        await using StreamClient client = await ExecAsync(new() { Stdout = true, Cmd = { "head", "-c", "20000000", "/dev/zero" } });
        Assert.Equal(0, (await client.EndAsync()).ExitCode);
        Assert.Equal(20_000_000, client.Stdout.Length);
    }

    [Fact]
    public async Task A_terminal_has_the_clients_size_and_echo_and_passes_Ctrl_C_and_Ctrl_D()
    {
        await using StreamClient client = await ExecAsync(new() { Stdin = true, Stdout = true, Tty = true, Cmd = { "sh" } });
        await client.ResizeAsync(123, 45);
        await client.SendAsync("stty size\n");
        await client.SeesAsync("45 123");
        await client.ResizeAsync(80, 24);
        await client.SendAsync("stty size\n");
        await client.SeesAsync("24 80");
        await client.SendAsync("sleep 4321\n");
        await Wait.UntilAsync("sleep to run", async () => (await PsAsync()).Contains("sleep 4321", StringComparison.Ordinal));
        await client.SendAsync("\u0003");
        await client.SendAsync("echo prompt $((1 + 1))\n");
        await client.SeesAsync("prompt 2\r\n");
        await client.SendAsync("\u0004");
        await client.EndAsync();
        Assert.DoesNotContain("sleep 4321", await PsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_the_command_ends_the_session_though_a_child_holds_its_output()
    {
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        await using StreamClient client = await ExecAsync(new() { Stdout = true, Cmd = { "sh", "-c", "sleep 60 & echo started" } });
        Assert.Equal(0, (await client.EndAsync()).ExitCode);
        Assert.Equal("started\n", client.Stdout);
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(started) < Wait.Seconds(20));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_vanishes_ends_its_command(bool terminal)
    {
        string mark = terminal ? "30001" : "30002";
        StreamClient client = await ExecAsync(new() { Stdin = true, Stdout = true, Tty = terminal, Cmd = { "sh", "-c", $"echo ready; sleep {mark}" } });
        await client.SeesAsync("ready");
        client.Vanish();
        await client.DisposeAsync();
        await Wait.UntilAsync("the command to end", async () => !(await PsAsync()).Contains(mark, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_named_to_the_client()
    {
        await using StreamClient client = await ExecAsync(new() { Stdout = true, Cmd = { "no-such-command" } });
        (int exitCode, string message) = await client.EndAsync();
        Assert.NotEqual(0, exitCode);
        Assert.Contains("no-such-command", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_URL_works_once()
    {
        string url = (await _daemon.Runtime.ExecAsync(new ExecRequest { ContainerId = _container, Stdout = true, Cmd = { "true" } })).Url;
        await using (StreamClient client = await StreamClient.ConnectAsync(url))
            await client.EndAsync();
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => StreamClient.ConnectAsync(url));
    }

    [Fact]
    public async Task Requests_without_any_stream_or_for_what_does_not_run_are_refused()
    {
        await Cri.RefusedAsync(StatusCode.InvalidArgument, () => ExecAsync(new() { Cmd = { "true" } }));
        await Cri.RefusedAsync(StatusCode.NotFound, () => _daemon.Runtime.ExecAsync(new ExecRequest { ContainerId = "nosuch", Stdout = true, Cmd = { "true" } }).ResponseAsync);
        await _daemon.Runtime.StopContainerAsync(new StopContainerRequest { ContainerId = _container });
        await Cri.RefusedAsync(StatusCode.FailedPrecondition, () => ExecAsync(new() { Stdout = true, Cmd = { "true" } }));
    }

    private async Task<StreamClient> ExecAsync(ExecRequest request)
    {
        request.ContainerId = _container;
        return await StreamClient.ConnectAsync((await _daemon.Runtime.ExecAsync(request)).Url);
    }

    private Task<string> PsAsync() => _daemon.ExecTextAsync(_container, "ps");
}
