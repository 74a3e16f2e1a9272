using System.Text.RegularExpressions;
using CriRuntime.E2e.Harness;
using Runtime.V1;

namespace CriRuntime.E2e.Containers;

[Collection(SharedDaemonCollection.Name)]
public sealed partial class LogTests(SharedDaemon shared) : IAsyncLifetime
{
    private readonly Daemon _daemon = shared.Daemon;
    private PodSandboxConfig _pod = null!;
    private string _podId = "";

    public async ValueTask InitializeAsync()
    {
        _pod = _daemon.Pod("log-" + Guid.NewGuid().ToString("n")[..8]);
        _podId = await _daemon.RunPodAsync(_pod);
    }

    public async ValueTask DisposeAsync() => await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = _podId });

    [Fact]
    public async Task Every_line_has_time_stream_and_tag()
    {
        (ContainerStatus status, _) = await _daemon.RunToEndAsync(_podId, _pod, Cri.Container("format", "sh", "-c", "echo one; echo two >&2; printf unfinished"));
        string[] lines = await File.ReadAllLinesAsync(status.LogPath);
        Assert.All(lines, line => Assert.Matches(CriLogLine(), line));
        Assert.Contains(lines, line => line.EndsWith(" stdout F one", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith(" stderr F two", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains(" stdout ", StringComparison.Ordinal) && line.EndsWith(" unfinished", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_million_lines_arrive_in_order_and_none_is_lost()
    {
        (ContainerStatus status, _) = await _daemon.RunToEndAsync(_podId, _pod, Cri.Container("many", "seq", "1", "1000000"));
        int expected = 0;
        foreach (string line in File.ReadLines(status.LogPath))
        {
            string message = line.Split(' ', 4)[3];
            Assert.Equal((++expected).ToString(System.Globalization.CultureInfo.InvariantCulture), message);
        }

        Assert.Equal(1_000_000, expected);
    }

    [Fact]
    public async Task Rotation_loses_no_line_and_doubles_none()
    {
        string id = await _daemon.StartNewAsync(_podId, _pod, Cri.Container("rotated", "sh", "-c", "i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done"));
        string log = (await _daemon.StatusAsync(id)).LogPath;
        List<string> files = [];
        await Wait.UntilAsync("the log to exist", () => File.Exists(log));
        while ((await _daemon.StatusAsync(id)).State == ContainerState.ContainerRunning && files.Count < 20)
        {
            string rotated = $"{log}.{files.Count}";
            File.Move(log, rotated);
            files.Add(rotated);
            if (!await ReopenAsync(id))
                break;
        }

        await _daemon.ExitAsync(id);
        files.Add(log);
        string[] messages = [.. files.Where(File.Exists).SelectMany(File.ReadLines).Select(line => line.Split(' ', 4)[3])];
        Assert.Equal(Enumerable.Range(0, 20000).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture)), messages);
    }

    [Fact]
    public async Task A_terminal_goes_to_the_log_as_one_stream()
    {
        ContainerConfig config = Cri.Container("tty", "sh", "-c", "test -t 1 && echo terminal; echo err >&2");
        config.Tty = true;
        (ContainerStatus status, string output) = await _daemon.RunToEndAsync(_podId, _pod, config);
        Assert.Equal("terminal\r\nerr\r\n", output);
        Assert.DoesNotContain(" stderr ", await File.ReadAllTextAsync(status.LogPath), StringComparison.Ordinal);
    }

    /// <returns>False when the container ended before its log could be reopened.</returns>
    private async Task<bool> ReopenAsync(string id)
    {
        try
        {
            await _daemon.Runtime.ReopenContainerLogAsync(new ReopenContainerLogRequest { ContainerId = id });
            return true;
        }
        catch (Grpc.Core.RpcException)
        {
            ContainerStatus status = await _daemon.StatusAsync(id);
            Assert.Equal(ContainerState.ContainerExited, status.State);
            return false;
        }
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(Z|[+-]\d\d:\d\d) (stdout|stderr) [PF] ")]
    private static partial Regex CriLogLine();
}
