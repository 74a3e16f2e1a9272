using System.Diagnostics;

namespace CriRuntime.Cni.Tests.Plugins;

/// <summary>Plugins that do what plugins must not: each ends in an error that names plugin, network and pod, and leaves nothing.</summary>
public sealed class HostilePluginTests : IDisposable
{
    private readonly CniSandbox _sandbox = new();

    public void Dispose() => _sandbox.Dispose();

    [Fact]
    public async Task A_hanging_plugin_is_killed_with_everything_it_started()
    {
        CniException e = await AddFails("sleep 61 & echo $! > \"$dir/child\"; sleep 62", timeoutSeconds: 0.5);

        Assert.Equal(CniFailure.TimedOut, e.Failure);
        Assert.Contains("did not finish within 0.5 s and was killed", e.Message, StringComparison.Ordinal);
        await AssertGoneAsync("child");
    }

    [Fact]
    public async Task A_plugin_that_ignores_SIGTERM_and_closes_its_outputs_is_killed_all_the_same()
    {
        CniException e = await AddFails("trap '' TERM INT HUP; echo $$ > \"$dir/child\"; exec >&- 2>&-; sleep 61", timeoutSeconds: 0.5);
        Assert.Equal(CniFailure.TimedOut, e.Failure);
        await AssertGoneAsync("child");
    }

    [Fact]
    public async Task A_crash_names_the_signal_and_what_was_said()
    {
        CniException e = await AddFails("echo 'segfault at 0' >&2; kill -SEGV $$");
        Assert.Equal(CniFailure.Crashed, e.Failure);
        Assert.EndsWith("plugin \"evil\" was ended by signal 11; stderr: segfault at 0", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo 'hello, world'", "succeeded but printed no JSON: hello, world")]
    [InlineData("printf '\\001\\033[31mred\\377'", "succeeded but printed no JSON:")]
    [InlineData("true", "succeeded but printed nothing")]
    [InlineData("echo lost >&2", "succeeded but printed nothing; stderr: lost")]
    [InlineData("echo '[]'", "printed no CNI result: the result is no JSON object")]
    [InlineData("echo '7'", "printed no CNI result: the result is no JSON object")]
    [InlineData("echo '{\"cniVersion\":\"1.0.0\",\"ips\":7}'", "printed no CNI result: ips is no list")]
    [InlineData("echo '{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.0.0.999/24\"}]}'", "which is no address/prefix")]
    [InlineData("echo '{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.0.0.9/33\"}]}'", "which is no address/prefix")]
    [InlineData("echo '{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.0.0.9/24\",\"interface\":3}]}'", "refers to interface 3 of 0")]
    [InlineData("printf '%0200000d' 0 | tr 0 '['", "succeeded but printed no JSON")]
    public async Task Garbage_is_not_taken_for_a_result(string body, string expected)
    {
        CniException e = await AddFails(body);
        Assert.Equal(CniFailure.InvalidOutput, e.Failure);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(e.Message, char.IsControl);
        Assert.True(e.Message.Length < 2000);
    }

    [Fact]
    public async Task An_error_is_an_error_even_with_exit_status_0()
    {
        CniException e = await AddFails("echo '{\"cniVersion\":\"1.0.0\",\"code\":11,\"msg\":\"try again\"}'");
        Assert.Equal((CniFailure.PluginError, 11), (e.Failure, e.Code));
        Assert.EndsWith("failed (with exit status 0): try again (code 11)", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo 'no route' >&2; exit 3", "failed with exit status 3 without a message; stderr: no route")]
    [InlineData("echo oops; exit 4", "failed with exit status 4, printing oops")]
    public async Task A_failure_without_an_error_object_shows_what_there_is(string body, string expected)
    {
        CniException e = await AddFails(body);
        Assert.Equal(CniFailure.PluginError, e.Failure);
        Assert.EndsWith(expected, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("yes garbage")]
    [InlineData("yes garbage >&2")]
    public async Task Output_without_end_is_cut_off_at_once(string body)
    {
        Stopwatch watch = Stopwatch.StartNew();
        CniException e = await AddFails(body, timeoutSeconds: 60);
        Assert.Equal(CniFailure.InvalidOutput, e.Failure);
        Assert.Contains("printed too much", e.Message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_plugin_that_never_reads_its_input_does_no_harm()
    {
        _sandbox.Executable("deaf", $"#!/bin/sh\nexec <&-\necho '{CniSandbox.Result}'\n");
        _sandbox.Conf("10.conflist", $$"""{"cniVersion":"1.0.0","name":"podnet","plugins":[{"type":"deaf","padding":"{{new string('x', 500_000)}}"}]}""");
        using CniNetworks networks = _sandbox.Open();

        CniResult result = await networks.AddAsync(CniSandbox.Pod(), default);

        Assert.Single(result.PodIps);
    }

    [Fact]
    public async Task A_child_left_behind_with_the_output_open_is_killed_and_is_an_error()
    {
        CniException e = await AddFails($"sleep 61 & echo $! > \"$dir/child\"; echo '{CniSandbox.Result}'");
        Assert.Equal(CniFailure.InvalidOutput, e.Failure);
        Assert.Contains("left a process behind that holds its output open", e.Message, StringComparison.Ordinal);
        await AssertGoneAsync("child");
    }

    [Fact]
    public async Task A_child_that_fled_into_its_own_session_holds_nobody_up()
    {
        Stopwatch watch = Stopwatch.StartNew();
        CniException e = await AddFails($"setsid sh -c 'echo $$ > \"'$dir'/child\"; exec sleep 30' & sleep 0.2; echo '{CniSandbox.Result}'");
        Assert.Equal(CniFailure.InvalidOutput, e.Failure);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(25));
    }

    [Fact]
    public async Task Children_of_a_plugin_that_failed_are_killed_though_they_let_go_of_its_output()
    {
        await AddFails("sleep 61 >/dev/null 2>&1 & echo $! > \"$dir/child\"; exit 1");
        await AssertGoneAsync("child");
    }

    [Fact]
    public async Task A_daemon_that_a_successful_plugin_started_properly_lives_on()
    {
        _sandbox.Plugin("starter", $"if [ \"$CNI_COMMAND\" = ADD ]; then sleep 61 </dev/null >/dev/null 2>&1 & echo $! > \"$dir/child\"; echo '{CniSandbox.Result}'; fi");
        _sandbox.Network("podnet", "1.0.0", "starter");
        using CniNetworks networks = _sandbox.Open();

        await networks.AddAsync(CniSandbox.Pod(), default);

        int pid = int.Parse(await File.ReadAllTextAsync(Path.Combine(_sandbox.CallDir, "child")));
        using Process daemon = Process.GetProcessById(pid);
        Assert.False(daemon.HasExited);
        daemon.Kill();
    }

    [Fact]
    public async Task A_file_that_cannot_be_executed_names_the_reason()
    {
        _sandbox.Executable("evil", "not a program");
        _sandbox.Network("podnet", "1.0.0", "evil");
        CniException e = await AddFails(body: null);
        Assert.Equal(CniFailure.PluginMissing, e.Failure);
        Assert.Contains("cannot be executed", e.Message, StringComparison.Ordinal);
        Assert.Contains("ENOEXEC", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failing_plugins_cost_no_descriptors()
    {
        await AddFails("exit 1");
        int before = Pipes();
        for (int i = 0; i < 100; i++)
            await AddFails("exit 1");
        // Other tests run beside this one; a leak of one a call would show.
        Assert.InRange(Pipes(), 0, before + 80);
    }

    /// <summary>Runs ADD against a plugin that is evil at ADD only; checks what every failure must have.</summary>
    private async Task<CniException> AddFails(string? body, double timeoutSeconds = 10)
    {
        if (body is not null)
            _sandbox.Plugin("evil", $"[ \"$CNI_COMMAND\" = ADD ] || exit 0\n{body}");
        _sandbox.Network("podnet", "1.0.0", "evil");
        using CniNetworks networks = _sandbox.Open(timeoutSeconds);

        CniException e = await Assert.ThrowsAsync<CniException>(() => networks.AddAsync(CniSandbox.Pod(), default));

        Assert.StartsWith("CNI ADD for pod shop/web on network \"podnet\": plugin \"evil\" ", e.Message, StringComparison.Ordinal);
        Assert.Equal(("evil", "podnet", "shop/web"), (e.Plugin, e.Network, e.Pod));
        Assert.Empty(_sandbox.CachedFiles);
        if (body is not null)
            Assert.Equal("DEL evil", _sandbox.Calls[^1]);
        return e;
    }

    /// <summary>What a plugin's call could leave behind; the runtime opens other files when it needs them.</summary>
    private static int Pipes() =>
        Directory.GetFileSystemEntries("/proc/self/fd").Count(path => new FileInfo(path).LinkTarget?.StartsWith("pipe:", StringComparison.Ordinal) == true);

    private async Task AssertGoneAsync(string file)
    {
        string pid = (await File.ReadAllTextAsync(Path.Combine(_sandbox.CallDir, file))).Trim();
        for (int i = 0; i < 100; i++)
        {
            // An orphan may stay a zombie where nobody reaps orphans; it runs no more.
            if (!File.Exists($"/proc/{pid}/stat") || (await File.ReadAllTextAsync($"/proc/{pid}/stat")).Contains(") Z ", StringComparison.Ordinal))
                return;
            await Task.Delay(20);
        }

        Assert.Fail($"process {pid} lives");
    }
}
