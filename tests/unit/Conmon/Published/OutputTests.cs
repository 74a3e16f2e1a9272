using System.Diagnostics;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Tests.Published;

[Collection(PublishedTests.Name)]
public sealed class OutputTests
{
    [Fact]
    public async Task Many_lines_arrive_complete_and_in_order()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.RunToEndAsync("c1", "seq", "1", "200000");
        Assert.Equal(Enumerable.Range(1, 200_000).Select(i => $"{i}"), pod.Log("c1"));
    }

    [Fact]
    public async Task Rotation_while_lines_pour_in_loses_and_doubles_none()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.RunAsync("c1", "seq", "1", "300000");
        int rotations = 0;
        while ((await pod.Monitor.ListAsync(Pod.Limit))[0].State != MonitoredState.Exited)
        {
            if (File.Exists(pod.LogPath("c1")))
                File.Move(pod.LogPath("c1"), $"{pod.LogPath("c1")}.{rotations++:D4}");
            await pod.Monitor.ReopenLogAsync("c1", Pod.Limit);
        }

        await pod.ExitOfAsync("c1");
        IEnumerable<string> files = Enumerable.Range(0, rotations).Select(i => $"{pod.LogPath("c1")}.{i:D4}").Append(pod.LogPath("c1"));
        IEnumerable<string> lines = files.Where(File.Exists).SelectMany(File.ReadAllLines).Select(line => line.Split(' ', 4)[3]);
        Assert.True(rotations > 1);
        Assert.Equal(Enumerable.Range(1, 300_000).Select(i => $"{i}"), lines);
    }

    [Fact]
    public async Task Without_a_pid_namespace_the_other_processes_end_before_the_exit_is_told()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.CreateAsync("c1", terminal: false, ["sh", "-c", "(sleep 20; echo late) & echo early"], hostPids: true);
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        Stopwatch watch = Stopwatch.StartNew();
        Assert.Equal(0, (await pod.ExitOfAsync("c1")).ExitCode);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(18));
        Assert.Equal("", File.ReadAllText($"{pod.UnifiedCgroup("c1")}/cgroup.procs"));
        Assert.Equal(["early"], pod.Log("c1"));
    }

    [Fact]
    public async Task A_process_outside_the_cgroup_that_keeps_the_output_open_does_not_hold_the_exit_and_is_still_logged()
    {
        await using Pod pod = await Pod.LaunchAsync();
        int pid = await pod.CreateAsync("c1", terminal: false, ["sh", "-c", "(while [ ! -e /go ]; do :; done; echo late) & echo early; sleep 0.3"], hostPids: true);
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        await LifecycleTests.WaitForAsync(() => pod.Log("c1").Length == 1);
        foreach (string child in File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(1))
            Pod.MoveToRootCgroups(child);
        Assert.Equal(0, (await pod.ExitOfAsync("c1")).ExitCode);
        Assert.Equal(["early"], pod.Log("c1"));
        File.WriteAllText(pod.RootfsFile("go"), "");
        await LifecycleTests.WaitForAsync(() => pod.Log("c1").Length == 2);
        Assert.Equal(["early", "late"], pod.Log("c1"));
    }

    [Fact]
    public async Task A_terminals_output_is_logged_as_stdout_and_its_size_can_be_set()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.CreateAsync("c1", terminal: true, ["sh", "-c", "tty; echo err >&2; sleep 0.2"]);
        await pod.Monitor.ResizeAsync("c1", 132, 43, Pod.Limit);
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        await pod.ExitOfAsync("c1");
        string[] entries = File.ReadAllText(pod.LogPath("c1")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, entries.Length);
        Assert.Matches(" stdout F /dev/(console|pts/0)\r$", entries[0]);
        Assert.EndsWith(" stdout F err\r", entries[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_is_a_symbolic_link_refuses_the_container()
    {
        await using Pod pod = await Pod.LaunchAsync();
        string victim = Path.Combine(pod.PodDirectory, "victim");
        File.WriteAllText(victim, "precious");
        File.CreateSymbolicLink(pod.LogPath("c1"), victim);
        MonitorException e = await Assert.ThrowsAsync<MonitorException>(() => pod.CreateAsync("c1", "true"));
        Assert.Equal(MonitorErrorKind.LogUnavailable, e.Kind);
        Assert.Equal("precious", File.ReadAllText(victim));
        Assert.Empty(await pod.Monitor.ListAsync(Pod.Limit));
    }

    [Fact]
    public async Task A_log_on_a_full_disk_is_reported_and_the_container_runs_on()
    {
        await using Pod pod = await Pod.LaunchAsync();
        string mount = Path.Combine(pod.PodDirectory, "tiny");
        Directory.CreateDirectory(mount);
        HostMount.Tmpfs(mount, 64 * 1024, permissions: 0x1C0);
        try
        {
            TaskCompletionSource<LogTrouble> failed = new();
            TaskCompletionSource<LogTrouble> recovered = new();
            pod.Monitor.LogTroubled += trouble => (trouble.Kind == LogTroubleKind.Recovered ? recovered : failed).SetResult(trouble);
            string log = Path.Combine(mount, "0.log");
            await pod.CreateAsync(
                "c1", terminal: false, ["sh", "-c", "seq 1 100000; echo > /written; while [ ! -e /go ]; do sleep 0.1; done; echo after"],
                configure: request => request with { LogPath = log, LogDirectory = mount });
            await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
            LogTrouble trouble = await failed.Task.WaitAsync(Pod.Limit);
            Assert.Equal(("c1", (int)Errno.ENOSPC), (trouble.Id, trouble.Errno));
            await LifecycleTests.WaitForAsync(() => File.Exists(pod.RootfsFile("written")));
            // An outage is over a second after the last failure at the earliest.
            await Task.Delay(1100, Pod.Limit);
            File.Move(log, Path.Combine(pod.PodDirectory, "rotated.log"));
            await pod.Monitor.ReopenLogAsync("c1", Pod.Limit);
            File.WriteAllText(pod.RootfsFile("go"), "");
            Assert.Equal(0, (await pod.ExitOfAsync("c1")).ExitCode);
            Assert.Equal((await pod.Monitor.ListAsync(Pod.Limit))[0].LostLogBytes, (await recovered.Task.WaitAsync(Pod.Limit)).LostBytes);
            Assert.EndsWith(" stdout F after\n", File.ReadAllText(log), StringComparison.Ordinal);
        }
        finally
        {
            HostMount.Detach(mount);
        }
    }

    [Fact]
    public async Task Output_without_newlines_is_logged_in_parts_and_in_bounded_memory()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.RunToEndAsync("c1", "dd", "if=/dev/zero", "bs=1M", "count=64");
        string line = File.ReadLines($"/proc/{pod.Monitor.Pid}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        Assert.InRange(int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]), 0, 12 * 1024);
        long parts = 64 * 1024 * 1024 / (16 * 1024);
        Assert.Equal((64L * 1024 * 1024) + (parts * 41), new FileInfo(pod.LogPath("c1")).Length - StderrLength(pod));
    }

    [Fact]
    public async Task Log_options_that_make_no_sense_refuse_the_container()
    {
        await using Pod pod = await Pod.LaunchAsync();
        foreach (LogOptions options in new[] { new LogOptions { MaxSize = -1 }, new LogOptions { Sync = (LogSync)9 }, new LogOptions { Sync = LogSync.Interval, SyncSeconds = 0 } })
        {
            MonitorException e = await Assert.ThrowsAsync<MonitorException>(
                () => pod.CreateAsync("c1", terminal: false, ["true"], configure: request => request with { LogOptions = options }));
            Assert.Equal(MonitorErrorKind.InvalidRequest, e.Kind);
        }
    }

    [Fact]
    public async Task A_log_that_is_limited_and_synced_every_second_still_has_every_line_that_it_should()
    {
        await using Pod pod = await Pod.LaunchAsync();
        LogOptions options = new() { MaxSize = 1_000_000, Sync = LogSync.Interval, SyncSeconds = 1 };
        await pod.CreateAsync("c1", terminal: false, ["sh", "-c", "seq 1 100000; sleep 1.5; seq 100001 200000"], configure: request => request with { LogOptions = options });
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        await pod.ExitOfAsync("c1");
        int[] kept = [.. pod.Log("c1").Select(int.Parse)];
        Assert.InRange(new FileInfo(pod.LogPath("c1")).Length, 1, 1_000_000);
        Assert.Equal(Enumerable.Range(200_001 - kept.Length, kept.Length), kept);
    }

    // dd's own summary.
    private static long StderrLength(Pod pod) =>
        File.ReadLines(pod.LogPath("c1")).Where(line => line.Length < 200).Sum(line => line.Length + 1L);
}
