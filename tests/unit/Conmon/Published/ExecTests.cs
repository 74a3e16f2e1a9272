using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Tests.Published;

[Collection(PublishedTests.Name)]
public sealed class ExecTests
{
    [Fact]
    public async Task A_command_runs_in_the_container_and_its_output_goes_straight_to_the_caller()
    {
        await using Pod pod = await Pod.LaunchAsync();
        int pid = await pod.RunAsync("c1", "sleep", "1000");
        Assert.Equal((3, "1\nout\n"), await pod.ExecAsync("c1", pid, "sh", "-c", "[ -e /proc/1/status ] && echo 1; echo out; exit 3"));
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_named()
    {
        await using Pod pod = await Pod.LaunchAsync();
        int pid = await pod.RunAsync("c1", "sleep", "1000");
        MonitorException e = await Assert.ThrowsAsync<MonitorException>(() => pod.ExecAsync("c1", pid, "missing-command"));
        Assert.Equal(MonitorErrorKind.LaunchFailed, e.Kind);
        Assert.Contains("missing-command", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_exec_reports_its_signal_and_takes_its_group_along()
    {
        await using Pod pod = await Pod.LaunchAsync();
        int pid = await pod.RunAsync("c1", "sleep", "1000");
        Pipe output = Pipe.Create();
        MonitorExec exec = await pod.StartExecAsync("c1", pid, new ExecRequest("c1", default) { Stdout = output.Write }, "sh", "-c", "sleep 1000 | cat");
        output.Write.Dispose();
        await exec.KillAsync(Pod.Limit);
        Assert.Equal(137, await exec.ExitCode.WaitAsync(Pod.Limit));
        // Ends only when nobody holds the other end.
        Assert.Equal("", Pod.ReadToEnd(output.Read));
        await exec.KillAsync(Pod.Limit);
    }

    [Fact]
    public async Task An_exec_in_a_paused_container_is_refused_and_the_monitor_goes_on()
    {
        await using Pod pod = await Pod.LaunchAsync();
        int pid = await pod.RunAsync("c1", "sleep", "1000");
        pod.Freeze("c1");
        MonitorException e = await Assert.ThrowsAsync<MonitorException>(() => pod.ExecAsync("c1", pid, "true"));
        Assert.Equal(MonitorErrorKind.WrongState, e.Kind);
        Assert.Contains("paused", e.Message, StringComparison.Ordinal);
        Assert.Equal(MonitoredState.Running, Assert.Single(await pod.Monitor.ListAsync(Pod.Limit)).State);
    }

    [Fact]
    public async Task A_killed_exec_takes_along_what_it_started_in_other_process_groups()
    {
        await using Pod pod = await Pod.LaunchAsync();
        int pid = await pod.RunAsync("c1", "sleep", "1000");
        Pipe output = Pipe.Create();
        MonitorExec exec = await pod.StartExecAsync("c1", pid, new ExecRequest("c1", default) { Stdout = output.Write }, "sh", "-c", "set -m; sleep 1000 & echo started; wait");
        output.Write.Dispose();
        byte[] started = new byte[8];
        Assert.Equal(8, output.Read.Read(started));
        await exec.KillAsync(Pod.Limit);
        Assert.Equal(137, await exec.ExitCode.WaitAsync(Pod.Limit));
        // Ends only when nobody holds the other end; the container's own process lives.
        Assert.Equal("", Pod.ReadToEnd(output.Read));
        Assert.Equal(MonitoredState.Running, (await pod.Monitor.ListAsync(Pod.Limit))[0].State);
    }

    [Fact]
    public async Task An_exec_with_a_cgroup_of_its_own_leaves_no_process_and_no_cgroup_behind()
    {
        await using Pod pod = await Pod.LaunchAsync();
        int pid = await pod.RunAsync("c1", "sleep", "1000");
        // As a plan for a host of cgroup v2 alone would make it; here the test moves the process.
        string cgroup = $"{pod.UnifiedCgroup("c1")}/exec-1";
        Directory.CreateDirectory(cgroup);
        Pipe input = Pipe.Create();
        Pipe output = Pipe.Create();
        ExecRequest request = new("c1", default) { Stdin = input.Read, Stdout = output.Write, CgroupDirectory = cgroup };
        MonitorExec exec = await pod.StartExecAsync("c1", pid, request, "sh", "-c", "read go; sleep 1000 & exit 3");
        input.Read.Dispose();
        output.Write.Dispose();
        await File.WriteAllTextAsync($"{cgroup}/cgroup.procs", $"{exec.Pid}", Pod.Limit);
        input.Write.WriteAll("go\n"u8);
        input.Write.Dispose();
        Assert.Equal(3, await exec.ExitCode.WaitAsync(Pod.Limit));
        Assert.Equal("", Pod.ReadToEnd(output.Read));
        await LifecycleTests.WaitForAsync(() => !Directory.Exists(cgroup));
    }

    [Fact]
    public async Task An_execs_terminal_is_handed_to_the_caller()
    {
        await using Pod pod = await Pod.LaunchAsync();
        int pid = await pod.RunAsync("c1", "sleep", "1000");
        MonitorExec exec = await pod.StartExecAsync("c1", pid, new ExecRequest("c1", default) { Terminal = true }, "sh", "-c", "read word; echo got $word");
        Assert.NotNull(exec.Terminal);
        using FileDescriptor terminal = exec.Terminal;
        terminal.WriteAll("hello\n"u8);
        Assert.Equal(0, await exec.ExitCode.WaitAsync(Pod.Limit));
        Assert.Contains("got hello", ReadTerminal(terminal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Execs_end_when_the_daemon_that_asked_for_them_is_gone()
    {
        await using Pod pod = await Pod.LaunchAsync();
        int pid = await pod.RunAsync("c1", "sleep", "1000");
        MonitorExec exec = await pod.StartExecAsync("c1", pid, new ExecRequest("c1", default), "sleep", "1000");
        await pod.Monitor.DisposeAsync();
        await LifecycleTests.WaitForAsync(() => !Directory.Exists($"/proc/{exec.Pid}"));
        MonitorException e = await Assert.ThrowsAsync<MonitorException>(() => exec.ExitCode);
        Assert.Equal(MonitorErrorKind.Gone, e.Kind);
    }

    [Fact]
    public async Task A_cancelled_exec_does_not_go_on_unseen()
    {
        await using Pod pod = await Pod.LaunchAsync();
        int pid = await pod.RunAsync("c1", "sleep", "1000");
        for (int i = 0; i < 20; i++)
        {
            using CancellationTokenSource cancelled = new();
            Task<MonitorExec> exec = pod.StartExecAsync("c1", pid, new ExecRequest("c1", default), cancelled.Token, "sleep", "1000");
            await Task.Delay(TimeSpan.FromMilliseconds(i * 0.2), Pod.Limit);
            await cancelled.CancelAsync();
            try
            {
                await (await exec).KillAsync(Pod.Limit);
            }
            catch (OperationCanceledException)
            {
                // The case in question.
            }
        }

        await LifecycleTests.WaitForAsync(() => ChildrenOf(pod.Monitor.Pid) == 1);
    }

    [Fact]
    public async Task Two_hundred_execs_leave_no_descriptor_and_no_process_behind()
    {
        await using Pod pod = await Pod.LaunchAsync();
        int pid = await pod.RunAsync("c1", "sleep", "1000");
        await pod.ExecAsync("c1", pid, "true");
        int monitorBefore = Descriptors(pod.Monitor.Pid);
        int ownBefore = Descriptors(Environment.ProcessId);
        for (int i = 0; i < 25; i++)
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => pod.ExecAsync("c1", pid, "echo", "x")));
        Assert.Equal(monitorBefore, Descriptors(pod.Monitor.Pid));
        Assert.InRange(Descriptors(Environment.ProcessId), 0, ownBefore + 3);
        Assert.Equal(1, ChildrenOf(pod.Monitor.Pid));
    }

    private static int ChildrenOf(int pid) =>
        File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;

    private static int Descriptors(int pid) => Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length;

    // A terminal whose users have gone ends with EIO, once everything was read.
    private static string ReadTerminal(FileDescriptor terminal)
    {
        byte[] buffer = new byte[256];
        int length = 0;
        try
        {
            while (terminal.Read(buffer.AsSpan(length)) is int read and > 0)
                length += read;
        }
        catch (LinuxException e) when (e.Errno == Errno.EIO)
        {
            return System.Text.Encoding.ASCII.GetString(buffer, 0, length);
        }

        return System.Text.Encoding.ASCII.GetString(buffer, 0, length);
    }
}
