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
}
