using CriRuntime.E2e.Harness;
using Runtime.V1;

namespace CriRuntime.E2e.Streaming;

[Collection(SharedDaemonCollection.Name)]
public sealed class AttachTests(SharedDaemon shared) : IAsyncLifetime
{
    private readonly Daemon _daemon = shared.Daemon;
    private PodSandboxConfig _pod = null!;
    private string _podId = "";

    public async ValueTask InitializeAsync()
    {
        _pod = _daemon.Pod("attach-" + Guid.NewGuid().ToString("n")[..8]);
        _podId = await _daemon.RunPodAsync(_pod);
    }

    public async ValueTask DisposeAsync() => await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = _podId });

    [Fact]
    public async Task Every_client_sees_the_output_and_each_can_type()
    {
        string id = await StartAsync("echo", terminal: false, once: false, "sh", "-c", "while read line; do echo got $line; done; echo end");
        await using StreamClient first = await AttachAsync(id, terminal: false);
        await using StreamClient second = await AttachAsync(id, terminal: false);
        await first.SendAsync("one\n");
        await first.SeesAsync("got one\n");
        await second.SeesAsync("got one\n");
        await second.SendAsync("two\n");
        await first.SeesAsync("got two\n");
        Assert.Contains("got one\ngot two\n", await Cri.MessagesAsync((await _daemon.StatusAsync(id)).LogPath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_stdin_once_the_first_clients_end_of_input_is_the_containers()
    {
        string id = await StartAsync("once", terminal: false, once: true, "sh", "-c", "cat; echo end of input");
        await using StreamClient client = await AttachAsync(id, terminal: false);
        await client.SendAsync("line\n");
        await client.CloseStdinAsync();
        Assert.Equal(0, (await client.EndAsync()).ExitCode);
        Assert.Equal("line\nend of input\n", client.Stdout);
        Assert.Equal(0, (await _daemon.ExitAsync(id)).ExitCode);
    }

    [Fact]
    public async Task Without_stdin_once_the_input_stays_open_for_the_next_client()
    {
        string id = await StartAsync("again", terminal: false, once: false, "cat");
        await using (StreamClient first = await AttachAsync(id, terminal: false))
        {
            await first.SendAsync("first\n");
            await first.SeesAsync("first\n");
            await first.CloseStdinAsync();
        }

        await using StreamClient second = await AttachAsync(id, terminal: false);
        await second.SendAsync("second\n");
        await second.SeesAsync("second\n");
        Assert.Equal(ContainerState.ContainerRunning, (await _daemon.StatusAsync(id)).State);
    }

    [Fact]
    public async Task A_terminal_is_shared_resized_and_left_by_Ctrl_P_Ctrl_Q()
    {
        string id = await StartAsync("tty", terminal: true, once: false, "sh");
        await using StreamClient client = await AttachAsync(id, terminal: true);
        await client.ResizeAsync(99, 33);
        await client.SendAsync("stty size\n");
        await client.SeesAsync("33 99");
        await client.SendAsync("\u0010\u0011");
        Assert.Equal(0, (await client.EndAsync()).ExitCode);
        Assert.Equal(ContainerState.ContainerRunning, (await _daemon.StatusAsync(id)).State);
        await using StreamClient again = await AttachAsync(id, terminal: true);
        await again.SendAsync("echo still $((40 + 2))\n");
        await again.SeesAsync("still 42");
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_up_neither_the_container_nor_another_client()
    {
        string id = await StartAsync("slow", terminal: false, once: false, "sh", "-c", "read go; seq 1 2000000; echo all written; sleep 1000");
        using System.Net.Sockets.TcpClient stalled = await StalledClient.AttachAsync((await _daemon.Runtime.AttachAsync(new AttachRequest { ContainerId = id, Stdout = true })).Url);
        await using StreamClient client = await AttachAsync(id, terminal: false);
        await client.SendAsync("go\n");
        string log = (await _daemon.StatusAsync(id)).LogPath;
        await Wait.UntilAsync("the container to write all", async () => (await Shell.RunAsync("tail", "-n", "1", log)).Contains("all written", StringComparison.Ordinal));
        await client.SendAsync("\n");
        Assert.StartsWith("1\n2\n3\n", client.Stdout, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_attaches_before_the_start_sees_the_first_line()
    {
        string id = await _daemon.CreateAsync(_podId, _pod, Config("early", terminal: false, once: false, "echo", "first words"));
        await using StreamClient client = await AttachAsync(id, terminal: false);
        await _daemon.StartAsync(id);
        await client.EndAsync();
        Assert.Equal("first words\n", client.Stdout);
    }

    private static ContainerConfig Config(string name, bool terminal, bool once, params string[] command)
    {
        ContainerConfig config = Cri.Container(name, command);
        (config.Stdin, config.StdinOnce, config.Tty) = (true, once, terminal);
        return config;
    }

    private Task<string> StartAsync(string name, bool terminal, bool once, params string[] command) =>
        _daemon.StartNewAsync(_podId, _pod, Config(name, terminal, once, command));

    private async Task<StreamClient> AttachAsync(string id, bool terminal)
    {
        AttachRequest request = new() { ContainerId = id, Stdin = true, Stdout = true, Stderr = !terminal, Tty = terminal };
        return await StreamClient.ConnectAsync((await _daemon.Runtime.AttachAsync(request)).Url);
    }
}
