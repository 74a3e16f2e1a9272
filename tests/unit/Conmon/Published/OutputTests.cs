using System.Diagnostics;
using CriRuntime.Conmon.Protocol;

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
    public async Task A_child_that_keeps_the_output_open_does_not_hold_the_exit_and_is_still_logged()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.CreateAsync("c1", terminal: false, ["sh", "-c", "(sleep 1; echo late) & echo early"], hostPids: true);
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        Stopwatch watch = Stopwatch.StartNew();
        Assert.Equal(0, (await pod.ExitOfAsync("c1")).ExitCode);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(0.9));
        Assert.Equal(["early"], pod.Log("c1"));
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
}
