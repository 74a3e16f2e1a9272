using CriRuntime.Conmon.Protocol;

namespace CriRuntime.Conmon.Tests.Published;

[Collection(PublishedTests.Name)]
public sealed class LifecycleTests
{
    [Fact]
    public async Task A_monitor_announces_itself_in_its_directory_and_leaves_nothing_there()
    {
        await using Pod pod = await Pod.LaunchAsync();
        Assert.True(File.Exists(Path.Combine(pod.PodDirectory, "conmon.sock")));
        Assert.Equal($"{pod.Monitor.Pid}\n", File.ReadAllText(Path.Combine(pod.PodDirectory, "conmon.pid")));
        Assert.Equal("test-pod", pod.Monitor.PodId);
        Assert.Equal("cri-conmon\n", File.ReadAllText($"/proc/{pod.Monitor.Pid}/comm"));
        await pod.Monitor.ShutdownAsync(Pod.Limit);
        Assert.Equal(["conmon.log"], Directory.GetFiles(pod.PodDirectory).Select(Path.GetFileName));
        Assert.Equal("", File.ReadAllText(Path.Combine(pod.PodDirectory, "conmon.log")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_sandboxs_namespaces_are_pinned_until_shutdown(bool sharedPids)
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.CreateSandboxAsync(sharedPids);
        string[] expected = sharedPids ? ["ipc", "net", "pid", "uts"] : ["ipc", "net", "uts"];
        Assert.Equal(expected, Directory.GetFiles(Path.Combine(pod.PodDirectory, "ns")).Select(Path.GetFileName).Order());
        Assert.Equal(expected.Length, PinnedMounts(pod));
        MonitorException e = await Assert.ThrowsAsync<MonitorException>(() => pod.CreateSandboxAsync());
        Assert.Equal(MonitorErrorKind.AlreadyExists, e.Kind);
        await pod.Monitor.ShutdownAsync(Pod.Limit);
        Assert.Equal(0, PinnedMounts(pod));
        Assert.Empty(Directory.GetFiles(Path.Combine(pod.PodDirectory, "ns")));
    }

    [Fact]
    public async Task A_container_waits_for_its_start_runs_and_its_exit_is_announced_and_on_disk()
    {
        await using Pod pod = await Pod.LaunchAsync();
        long before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
        await pod.CreateAsync("c1", "sh", "-c", "echo out; echo err >&2; exit 42");
        Assert.Equal(MonitoredState.Created, Assert.Single(await pod.Monitor.ListAsync(Pod.Limit)).State);
        Assert.Empty(pod.LogLines("c1"));
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        ContainerExit exit = await pod.ExitOfAsync("c1");
        Assert.Equal(42, exit.ExitCode);
        Assert.Equal(0, exit.Signal);
        Assert.False(exit.OomKilled);
        Assert.InRange(exit.FinishedAt, before, DateTimeOffset.UtcNow.AddSeconds(1).ToUnixTimeMilliseconds() * 1_000_000);
        Assert.Equal(exit, ExitRecord.Read(pod.PodDirectory, "c1"));
        Assert.Equal(["out"], pod.Log("c1"));
        Assert.Equal(["err"], pod.Log("c1", "stderr"));
        MonitoredContainer listed = Assert.Single(await pod.Monitor.ListAsync(Pod.Limit));
        Assert.Equal(exit, listed.Exit);
        await pod.Monitor.DeleteContainerAsync("c1", Pod.Limit);
        await pod.Monitor.DeleteContainerAsync("c1", Pod.Limit);
        Assert.Empty(await pod.Monitor.ListAsync(Pod.Limit));
        Assert.Null(ExitRecord.Read(pod.PodDirectory, "c1"));
    }

    [Fact]
    public async Task A_signal_ends_a_container_with_128_plus_its_number()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.RunAsync("c1", "sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done");
        await WaitForAsync(() => pod.Log("c1").Length > 0);
        await pod.Monitor.SignalAsync("c1", 15, Pod.Limit);
        Assert.Equal(7, (await pod.ExitOfAsync("c1")).ExitCode);
        await pod.Monitor.SignalAsync("c1", 15, Pod.Limit);
        await pod.RunAsync("c2", "sleep", "1000");
        await pod.Monitor.KillAllAsync("c2", Pod.Limit);
        ContainerExit killed = await pod.ExitOfAsync("c2");
        Assert.Equal((137, 9), (killed.ExitCode, killed.Signal));
    }

    [Fact]
    public async Task A_program_that_does_not_exist_fails_the_start_by_name()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.CreateAsync("c1", "/no/such/program");
        MonitorException e = await Assert.ThrowsAsync<MonitorException>(() => pod.Monitor.StartContainerAsync("c1", Pod.Limit));
        Assert.Equal(MonitorErrorKind.LaunchFailed, e.Kind);
        Assert.Contains("/no/such/program", e.Message, StringComparison.Ordinal);
        Assert.Equal(128, (await pod.ExitOfAsync("c1")).ExitCode);
    }

    [Fact]
    public async Task Requests_that_do_not_fit_are_refused_and_the_monitor_goes_on()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await Refused(MonitorErrorKind.NotFound, () => pod.Monitor.StartContainerAsync("nobody", Pod.Limit));
        await Refused(MonitorErrorKind.NotFound, () => pod.Monitor.SignalAsync("nobody", 9, Pod.Limit));
        await Refused(MonitorErrorKind.InvalidRequest, () => pod.Monitor.CreateContainerAsync(new CreateContainerRequest("c", "no plan"u8.ToArray()), Pod.Limit));
        await Refused(MonitorErrorKind.InvalidRequest, () => pod.Monitor.CreateContainerAsync(new CreateContainerRequest("../c", default), Pod.Limit));
        await pod.RunAsync("c1", "sleep", "1000");
        await Refused(MonitorErrorKind.AlreadyExists, () => pod.CreateAsync("c1", "true"));
        await Refused(MonitorErrorKind.WrongState, () => pod.Monitor.StartContainerAsync("c1", Pod.Limit));
        await Refused(MonitorErrorKind.WrongState, () => pod.Monitor.ShutdownAsync(Pod.Limit));
        await Refused(MonitorErrorKind.WrongState, () => pod.Monitor.ResizeAsync("c1", 80, 24, Pod.Limit));
        await Refused(MonitorErrorKind.InvalidRequest, () => pod.Monitor.SignalAsync("c1", 99, Pod.Limit));
        Assert.Equal(MonitoredState.Running, Assert.Single(await pod.Monitor.ListAsync(Pod.Limit)).State);
    }

    [Fact]
    public async Task A_container_at_its_gate_can_be_deleted()
    {
        await using Pod pod = await Pod.LaunchAsync();
        int pid = await pod.CreateAsync("c1", "true");
        await pod.Monitor.DeleteContainerAsync("c1", Pod.Limit);
        Assert.False(Directory.Exists($"/proc/{pid}"));
    }

    [Fact]
    public async Task Deleting_a_running_container_ends_every_process_of_it()
    {
        await using Pod pod = await Pod.LaunchAsync();
        int pid = await pod.CreateAsync("c1", terminal: false, ["sh", "-c", "sleep 1000 & sleep 1000 & wait"], hostPids: true);
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        await WaitForAsync(() => Children(pid).Length == 2);
        string[] children = Children(pid);
        await pod.Monitor.DeleteContainerAsync("c1", Pod.Limit);
        // Dead at once; whoever inherits them reaps them a moment later.
        await WaitForAsync(() => !children.Any(child => Directory.Exists($"/proc/{child}")));
    }

    [Fact]
    public async Task A_frozen_container_can_be_killed_and_deleted()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.RunAsync("c1", "sleep", "1000");
        pod.Freeze("c1");
        await pod.Monitor.KillAllAsync("c1", Pod.Limit);
        Assert.Equal(137, (await pod.ExitOfAsync("c1")).ExitCode);
        await pod.RunAsync("c2", "sleep", "1000");
        pod.Freeze("c2");
        await pod.Monitor.DeleteContainerAsync("c2", Pod.Limit);
    }

    [Fact]
    public async Task A_container_that_outgrows_its_memory_limit_is_reported_as_killed_for_it()
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.CreateAsync("c1", terminal: false, ["dd", "if=/dev/zero", "of=/dev/null", "bs=64M", "count=1"], memoryLimit: 16 * 1024 * 1024);
        await pod.Monitor.StartContainerAsync("c1", Pod.Limit);
        ContainerExit exit = await pod.ExitOfAsync("c1");
        Assert.True(exit.OomKilled);
        Assert.Equal((137, 9), (exit.ExitCode, exit.Signal));
        Assert.True(ExitRecord.Read(pod.PodDirectory, "c1")!.OomKilled);
    }

    internal static async Task WaitForAsync(Func<bool> condition)
    {
        CancellationToken limit = Pod.Limit;
        while (!condition())
            await Task.Delay(5, limit);
    }

    private static string[] Children(int pid) =>
        File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static int PinnedMounts(Pod pod) =>
        File.ReadLines("/proc/self/mountinfo").Count(line => line.Contains(pod.PodDirectory + "/ns/", StringComparison.Ordinal));

    private static async Task Refused(MonitorErrorKind kind, Func<Task> request) =>
        Assert.Equal(kind, (await Assert.ThrowsAsync<MonitorException>(request)).Kind);
}
