using System.Text;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Tests.Containers;

public sealed class ExecSyncTests : IDisposable
{
    private readonly Daemon _daemon = new();

    private FakeMonitor Monitor => _daemon.Launcher.Launched.Single();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task Output_and_exit_code_come_back()
    {
        (_, string id) = await _daemon.RunningAsync();
        Monitor.ExecOutput = "hello";
        Monitor.ExecExitCode = 3;
        ExecSyncResult result = await ExecAsync(id);
        Assert.Equal(("hello", 3, 0), (Encoding.UTF8.GetString(result.Stdout), result.ExitCode, result.Stderr.Length));
        Assert.Equal(["true"], _daemon.Planner.Execs.Single().Args);
    }

    [Fact]
    public async Task A_command_that_takes_too_long_is_killed()
    {
        (_, string id) = await _daemon.RunningAsync();
        Monitor.ExecEnds = new TaskCompletionSource().Task;
        CriException late = await Assert.ThrowsAsync<CriException>(() => ExecAsync(id, timeout: 1));
        Assert.Equal(CriErrorKind.DeadlineExceeded, late.Kind);
        Assert.Equal(1, Monitor.ExecsKilled);
    }

    [Fact]
    public async Task A_command_that_was_killed_has_ended_when_the_call_says_so()
    {
        (_, string id) = await _daemon.RunningAsync();
        TaskCompletionSource death = new();
        (Monitor.ExecEnds, Monitor.KilledExecEnds) = (new TaskCompletionSource().Task, death.Task);
        Task<ExecSyncResult> call = ExecAsync(id, timeout: 1);
        while (Monitor.ExecsKilled == 0)
            await Task.Delay(5);
        Assert.False(call.IsCompleted);
        death.SetResult();
        Assert.EndsWith("was killed", (await Assert.ThrowsAsync<CriException>(() => call)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_cannot_be_killed_does_not_hold_the_call()
    {
        (_, string id) = await _daemon.RunningAsync();
        Monitor.ExecEnds = Monitor.KilledExecEnds = new TaskCompletionSource().Task;
        CriException late = await Assert.ThrowsAsync<CriException>(() => ExecAsync(id, timeout: 1));
        Assert.Equal(CriErrorKind.DeadlineExceeded, late.Kind);
        Assert.Contains("still there", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_the_command()
    {
        (_, string id) = await _daemon.RunningAsync();
        Monitor.ExecEnds = new TaskCompletionSource().Task;
        using CancellationTokenSource leave = new(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _daemon.ExecSync.ExecuteAsync(id, ["true"], 0, leave.Token));
        Assert.Equal(1, Monitor.ExecsKilled);
    }

    [Fact]
    public async Task Only_a_running_container_executes()
    {
        (_, string id) = await _daemon.RunningAsync();
        Monitor.End(id, 0);
        Assert.Equal(CriErrorKind.FailedPrecondition, (await Assert.ThrowsAsync<CriException>(() => ExecAsync(id))).Kind);
        Assert.Equal(CriErrorKind.NotFound, (await Assert.ThrowsAsync<CriException>(() => ExecAsync("beef"))).Kind);
    }

    [Fact]
    public async Task An_empty_command_or_one_with_a_nul_is_refused()
    {
        (_, string id) = await _daemon.RunningAsync();
        foreach (string[] command in (string[][])[[], [""], ["a\0b"]])
        {
            CriException refused = await Assert.ThrowsAsync<CriException>(() => _daemon.ExecSync.ExecuteAsync(id, command, 0, CancellationToken.None));
            Assert.Equal(CriErrorKind.InvalidArgument, refused.Kind);
        }
    }

    [Fact]
    public async Task Output_beyond_the_limit_is_read_and_dropped()
    {
        Pipe pipe = Pipe.Create();
        using ExecOutput output = new(pipe.Read, limit: 1000);
        await Task.Run(() =>
        {
            using (pipe.Write)
                pipe.Write.WriteAll(new byte[1 << 20]);
        });
        output.Drain();
        Assert.True(output.Truncated);
        Assert.Equal(1000, output.Content().Length);
    }

    [Fact]
    public async Task A_child_that_holds_the_output_does_not_hold_the_call()
    {
        (_, string id) = await _daemon.RunningAsync();
        List<FileDescriptor> held = [];
        Monitor.Before["exec"] = () => Task.CompletedTask;
        Monitor.OnExec = exec => held.Add(exec.Stdio.Stdout!.Duplicate());
        Monitor.ExecOutput = "first";
        ExecSyncResult result = await ExecAsync(id).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("first", Encoding.UTF8.GetString(result.Stdout));
        held.ForEach(fd => fd.Dispose());
    }

    [Fact]
    public async Task Thousands_of_them_leave_no_descriptor_open()
    {
        (_, string id) = await _daemon.RunningAsync();
        await ExecAsync(id);
        int before = Directory.GetFiles("/proc/self/fd").Length;
        for (int i = 0; i < 2000; i++)
            await ExecAsync(id);
        // Other tests run beside this one, and the runtime opens files when it needs them; a leak of one in two calls would show.
        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, before + 1000);
    }

    private Task<ExecSyncResult> ExecAsync(string id, long timeout = 0) =>
        _daemon.ExecSync.ExecuteAsync(id, ["true"], timeout, CancellationToken.None);
}
