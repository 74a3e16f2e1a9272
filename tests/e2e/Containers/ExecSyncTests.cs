using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Containers;

[Collection(SharedDaemonCollection.Name)]
public sealed class ExecSyncTests(SharedDaemon shared) : IAsyncLifetime
{
    private readonly Daemon _daemon = shared.Daemon;
    private string _podId = "";
    private string _container = "";

    public async ValueTask InitializeAsync()
    {
        PodSandboxConfig pod = _daemon.Pod("exec-" + Guid.NewGuid().ToString("n")[..8]);
        _podId = await _daemon.RunPodAsync(pod);
        _container = await _daemon.StartNewAsync(_podId, pod, Cri.Container("main"));
    }

    public async ValueTask DisposeAsync() => await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = _podId });

    [Fact]
    public async Task Output_of_both_streams_and_the_exit_code_come_back()
    {
        ExecSyncResponse response = await _daemon.ExecAsync(_container, "sh", "-c", "echo out; echo err >&2; exit 5");
        Assert.Equal("out\n", response.Stdout.ToStringUtf8());
        Assert.Equal("err\n", response.Stderr.ToStringUtf8());
        Assert.Equal(5, response.ExitCode);
    }

    [Fact]
    public async Task A_timeout_kills_the_command_and_says_so()
    {
        ExecSyncRequest request = new() { ContainerId = _container, Cmd = { "sleep", "7654" }, Timeout = 1 };
        await Cri.RefusedAsync(StatusCode.DeadlineExceeded, () => _daemon.Runtime.ExecSyncAsync(request).ResponseAsync);
        Assert.DoesNotContain("sleep 7654", await _daemon.ExecTextAsync(_container, "ps"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_background_child_that_holds_the_output_open_does_not_hold_the_call()
    {
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        ExecSyncResponse response = await _daemon.ExecAsync(_container, "sh", "-c", "sleep 15 & echo done");
        Assert.Equal("done\n", response.Stdout.ToStringUtf8());
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(started) < Wait.Seconds(10));
    }

    // CVE-2026-53495 of another runtime: each such call kept memory for as long as the child held the output.
    [Fact]
    public async Task Two_thousand_children_that_hold_the_output_open_leave_memory_and_descriptors_flat()
    {
        await LeaveChildrenAsync(400);
        (int files, long memory) = Footprint();
        await LeaveChildrenAsync(2000);
        (int filesAfter, long memoryAfter) = Footprint();
        Assert.True(filesAfter - files < 20, $"{filesAfter - files} more files are open");
        Assert.True(memoryAfter - memory < 16 << 20, $"{(memoryAfter - memory) >> 20} MiB more are resident");
    }

    [Fact]
    public async Task Output_past_16_MiB_is_cut_and_costs_no_more_memory()
    {
        ExecSyncResponse response = await _daemon.ExecAsync(_container, "sh", "-c", "yes | head -c 40000000");
        Assert.InRange(response.Stdout.Length, 15 << 20, (16 << 20) + 4096);
        Assert.Equal(0, response.ExitCode);
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_named()
    {
        RpcException? refused = null;
        ExecSyncResponse? response = null;
        try
        {
            response = await _daemon.ExecAsync(_container, "no-such-command");
        }
        catch (RpcException e)
        {
            refused = e;
        }

        Assert.Contains("no-such-command", refused?.Status.Detail ?? response!.Stderr.ToStringUtf8(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_command_is_refused() =>
        await Cri.RefusedAsync(StatusCode.InvalidArgument, () => _daemon.ExecAsync(_container));

    private Task LeaveChildrenAsync(int count) =>
        Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) =>
            Assert.Equal("done\n", await _daemon.ExecTextAsync(_container, "sh", "-c", "sleep 2 & echo done")));

    /// <summary>What the daemon has open, and its resident memory in bytes.</summary>
    private (int Files, long Memory) Footprint()
    {
        string resident = File.ReadLines($"/proc/{_daemon.Pid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return (Directory.GetFiles($"/proc/{_daemon.Pid}/fd").Length, 1024 * long.Parse(resident[6..^2], System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Many_at_once_all_answer()
    {
        string[] outputs = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => _daemon.ExecTextAsync(_container, "echo", $"number {i}")));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"number {i}\n"), outputs);
    }
}
