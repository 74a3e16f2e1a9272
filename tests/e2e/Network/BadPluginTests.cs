using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Network;

/// <summary>Daemons whose network is missing or broken.</summary>
public sealed class BadPluginTests
{
    [Fact]
    public async Task Without_a_network_configuration_the_runtime_says_why_it_is_not_ready_and_host_network_pods_run()
    {
        await using Daemon daemon = await Daemon.StartAsync("no-net");
        RuntimeCondition network = (await daemon.Runtime.StatusAsync(new StatusRequest())).Status.Conditions.Single(condition => condition.Type == "NetworkReady");
        Assert.False(network.Status);
        Assert.Contains(daemon.CniConfDir, network.Message, StringComparison.Ordinal);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => daemon.RunPodAsync(daemon.Pod("needs-net", hostNetwork: false)));
        Assert.Contains(daemon.CniConfDir, refused.Status.Detail, StringComparison.Ordinal);
        await daemon.RunPodAsync(daemon.Pod("host"));

        Networks.Bridge(daemon);
        await Wait.UntilAsync("the new configuration to be seen", async () =>
            (await daemon.Runtime.StatusAsync(new StatusRequest())).Status.Conditions.Single(condition => condition.Type == "NetworkReady").Status);
    }

    [Fact]
    public async Task A_plugin_that_is_missing_fails_the_pod_by_name_and_leaves_nothing()
    {
        await using Daemon daemon = await Daemon.StartAsync("bad-net", daemon => File.WriteAllText(
            Path.Combine(daemon.CniConfDir, "10-bad.conflist"),
            """{ "cniVersion": "1.0.0", "name": "broken-net", "plugins": [{ "type": "no-such-plugin" }] }"""));
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => daemon.RunPodAsync(daemon.Pod("unlucky", hostNetwork: false)));
        Assert.Contains("no-such-plugin", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("broken-net", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Empty((await daemon.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items);
    }

    [Fact]
    public async Task A_plugin_that_hangs_is_ended_and_holds_up_no_other_pod()
    {
        ScriptPlugin plugin = null!;
        await using Daemon daemon = await Daemon.StartAsync("hanging-net", daemon => plugin = ScriptPlugin.Install(daemon, timeoutSeconds: 3));
        daemon.ExpectError("CNI ADD");
        plugin.Behave(atAdd: "sleep 7531 & sleep 7532", atDel: "");
        Task<string> hanging = daemon.RunPodAsync(daemon.Pod("hanging", hostNetwork: false));
        await plugin.Gate.ReachedAsync("ADD");
        string other = await daemon.RunPodAsync(daemon.Pod("other"));
        await daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = other });
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => hanging);
        Assert.Contains("script-net", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("did not finish within 3 s", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Empty((await daemon.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items);
        Assert.True(plugin.Gate.Count("DEL") > 0, "what the ADD had done is not undone");
        foreach (string command in new[] { "sleep\07531", "sleep\07532" })
            Assert.DoesNotContain(Directory.GetFiles("/proc", "cmdline", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 }), file => Reads(file).StartsWith(command, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("kill -SEGV $$", "ended by signal 11")]
    [InlineData("exit 7", "exit status 7")]
    [InlineData("echo 'hello, world'; exit 0", "printed no JSON")]
    [InlineData("printf '\\001\\377{{{'; exit 0", "printed no JSON")]
    [InlineData("exit 0", "printed nothing")]
    [InlineData("yes garbage", "printed too much")]
    [InlineData("echo '{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.0.0.999/24\"}]}'; exit 0", "no address/prefix")]
    public async Task A_plugin_that_crashes_or_prints_garbage_fails_the_pod_says_how_and_leaves_nothing(string commands, string why)
    {
        ScriptPlugin plugin = null!;
        await using Daemon daemon = await Daemon.StartAsync("garbage-net", daemon => plugin = ScriptPlugin.Install(daemon));
        daemon.ExpectError("CNI ADD");
        plugin.Behave(atAdd: commands, atDel: "");
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => daemon.RunPodAsync(daemon.Pod("unlucky", hostNetwork: false)));
        Assert.Contains("script-net", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains(why, refused.Status.Detail, StringComparison.Ordinal);
        Assert.Empty((await daemon.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest())).Items);
        Assert.True(plugin.Gate.Count("DEL") > 0, "what the ADD had done is not undone");

        plugin.Behave(atAdd: "", atDel: "");
        string id = await daemon.RunPodAsync(daemon.Pod("unlucky", hostNetwork: false));
        Assert.Equal("10.98.0.2", (await daemon.PodStatusAsync(id)).Network.Ip);
    }

    [Fact]
    public async Task A_slow_DEL_holds_up_its_own_pod_only_and_is_made_once_for_all_that_ask()
    {
        ScriptPlugin plugin = null!;
        await using Daemon daemon = await Daemon.StartAsync("slow-del", daemon => plugin = ScriptPlugin.Install(daemon));
        string slow = await daemon.RunPodAsync(daemon.Pod("slow", hostNetwork: false));
        plugin.Gate.Close();
        using CancellationTokenSource patience = new();
        StopPodSandboxRequest stop = new() { PodSandboxId = slow };
        Task<StopPodSandboxResponse> first = daemon.Runtime.StopPodSandboxAsync(stop, cancellationToken: patience.Token).ResponseAsync;
        await plugin.Gate.ReachedAsync("DEL");
        await patience.CancelAsync();
        await Cri.RefusedAsync(StatusCode.Cancelled, () => first);

        Task<StopPodSandboxResponse> second = daemon.Runtime.StopPodSandboxAsync(stop).ResponseAsync;
        string other = await daemon.RunPodAsync(daemon.Pod("other"));
        await daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = other });
        Assert.Equal(PodSandboxState.SandboxNotready, (await daemon.PodStatusAsync(slow)).State);
        Assert.False(second.IsCompleted);
        plugin.Gate.Open();
        await second;
        Assert.Equal(1, plugin.Gate.Count("DEL"));
    }

    [Fact]
    public async Task A_DEL_that_fails_fails_the_stop_until_it_works_and_is_not_forgotten_across_a_kill()
    {
        ScriptPlugin plugin = null!;
        await using Daemon daemon = await Daemon.StartAsync("bad-del", daemon => plugin = ScriptPlugin.Install(daemon));
        daemon.ExpectError("CNI DEL");
        string id = await daemon.RunPodAsync(daemon.Pod("stays", hostNetwork: false));
        plugin.Behave(atAdd: "", atDel: "echo no route >&2; exit 3");
        for (int i = 0; i < 2; i++)
        {
            RpcException refused = await Assert.ThrowsAsync<RpcException>(() => daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = id }).ResponseAsync);
            Assert.Contains("no route", refused.Status.Detail, StringComparison.Ordinal);
            Assert.Equal(PodSandboxState.SandboxNotready, (await daemon.PodStatusAsync(id)).State);
            await daemon.KillAsync();
            await daemon.StartProcessAsync();
        }

        plugin.Behave(atAdd: "", atDel: "");
        int before = plugin.Gate.Count("DEL");
        await daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = id });
        Assert.True(plugin.Gate.Count("DEL") > before, "the address was not given back");
        Assert.Empty(Directory.GetFiles(Path.Combine(daemon.Root, "owed")));
    }

    /// <summary>Empty for a process that has ended.</summary>
    private static string Reads(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
