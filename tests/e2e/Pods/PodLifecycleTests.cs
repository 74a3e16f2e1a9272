using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Pods;

[Collection(SharedDaemonCollection.Name)]
public sealed class PodLifecycleTests(SharedDaemon shared)
{
    private readonly Daemon _daemon = shared.Daemon;

    [Fact]
    public async Task A_pod_runs_is_listed_stops_and_is_gone_after_removal()
    {
        PodSandboxConfig pod = _daemon.Pod("lifecycle", hostNetwork: false);
        pod.Labels["tier"] = "web";
        pod.Annotations["note"] = "kept as it is";
        string id = await _daemon.RunPodAsync(pod);

        PodSandboxStatus status = await _daemon.PodStatusAsync(id);
        Assert.Equal(PodSandboxState.SandboxReady, status.State);
        Assert.Equal(pod.Metadata, status.Metadata);
        Assert.Equal("web", status.Labels["tier"]);
        Assert.Equal("kept as it is", status.Annotations["note"]);
        Assert.StartsWith("10.99.", status.Network.Ip, StringComparison.Ordinal);
        Assert.InRange(DateTimeOffset.FromUnixTimeMilliseconds(status.CreatedAt / 1_000_000), DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);

        PodSandboxFilter filter = new() { LabelSelector = { ["tier"] = "web" }, State = new PodSandboxStateValue { State = PodSandboxState.SandboxReady } };
        Assert.Equal([id], await ListAsync(filter));
        Assert.Empty(await ListAsync(new PodSandboxFilter { LabelSelector = { ["tier"] = "db" } }));

        await _daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = id });
        Assert.Equal(PodSandboxState.SandboxNotready, (await _daemon.PodStatusAsync(id)).State);
        Assert.Empty(await ListAsync(filter));

        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = id });
        await Cri.RefusedAsync(StatusCode.NotFound, () => _daemon.PodStatusAsync(id));
    }

    [Fact]
    public async Task Stop_and_remove_may_be_repeated_and_accept_what_never_was()
    {
        string id = await _daemon.RunPodAsync(_daemon.Pod("repeat"));
        foreach (string pod in new[] { id, id, new string('0', 64) })
        {
            await _daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = pod });
            await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = pod });
        }
    }

    [Fact]
    public async Task Removing_a_running_pod_ends_its_containers()
    {
        PodSandboxConfig pod = _daemon.Pod("remove-running");
        string id = await _daemon.RunPodAsync(pod);
        string container = await _daemon.StartNewAsync(id, pod, Cri.Container("sleeper"));
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = id });
        await Cri.RefusedAsync(StatusCode.NotFound, () => _daemon.StatusAsync(container));
    }

    [Fact]
    public async Task Containers_of_a_pod_share_network_ipc_and_uts_and_not_the_hosts()
    {
        PodSandboxConfig pod = _daemon.Pod("shared-ns", hostNetwork: false);
        string id = await _daemon.RunPodAsync(pod);
        string one = await _daemon.StartNewAsync(id, pod, Cri.Container("one"));
        string two = await _daemon.StartNewAsync(id, pod, Cri.Container("two"));
        foreach (string kind in new[] { "net", "ipc", "uts" })
        {
            string inOne = await _daemon.ExecTextAsync(one, "readlink", $"/proc/self/ns/{kind}");
            Assert.Equal(inOne, await _daemon.ExecTextAsync(two, "readlink", $"/proc/self/ns/{kind}"));
            Assert.NotEqual(new FileInfo($"/proc/self/ns/{kind}").LinkTarget, inOne.Trim());
        }

        Assert.NotEqual(
            await _daemon.ExecTextAsync(one, "readlink", "/proc/self/ns/mnt"),
            await _daemon.ExecTextAsync(two, "readlink", "/proc/self/ns/mnt"));
        Assert.Equal("shared-ns\n", await _daemon.ExecTextAsync(two, "hostname"));
    }

    [Fact]
    public async Task A_pod_with_a_shared_pid_namespace_lets_its_containers_see_one_another()
    {
        PodSandboxConfig pod = _daemon.Pod("shared-pid");
        pod.Linux.SecurityContext.NamespaceOptions.Pid = NamespaceMode.Pod;
        string id = await _daemon.RunPodAsync(pod);
        ContainerConfig other = Cri.Container("other", "sleep", "4321");
        ContainerConfig looker = Cri.Container("looker");
        foreach (ContainerConfig config in new[] { other, looker })
            config.Linux.SecurityContext.NamespaceOptions.Pid = NamespaceMode.Pod;
        await _daemon.StartNewAsync(id, pod, other);
        string container = await _daemon.StartNewAsync(id, pod, looker);
        Assert.Contains("sleep 4321", await _daemon.ExecTextAsync(container, "ps"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dns_configuration_reaches_the_containers()
    {
        PodSandboxConfig pod = _daemon.Pod("dns");
        pod.DnsConfig = new DNSConfig { Servers = { "10.96.0.10" }, Searches = { "e2e.svc.cluster.local" }, Options = { "ndots:5" } };
        string id = await _daemon.RunPodAsync(pod);
        string container = await _daemon.StartNewAsync(id, pod, Cri.Container("reader"));
        Assert.Equal(
            "search e2e.svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
            await _daemon.ExecTextAsync(container, "cat", "/etc/resolv.conf"));
    }

    [Fact]
    public async Task Safe_sysctls_are_set_in_the_pods_namespace()
    {
        PodSandboxConfig pod = _daemon.Pod("sysctl", hostNetwork: false);
        pod.Linux.Sysctls["net.ipv4.ip_local_port_range"] = "20000 30000";
        string id = await _daemon.RunPodAsync(pod);
        string container = await _daemon.StartNewAsync(id, pod, Cri.Container("reader"));
        Assert.Equal("20000\t30000\n", await _daemon.ExecTextAsync(container, "cat", "/proc/sys/net/ipv4/ip_local_port_range"));
    }

    [Fact]
    public async Task A_retry_of_the_same_pod_gives_one_pod()
    {
        PodSandboxConfig pod = _daemon.Pod("retry", hostNetwork: false);
        Task<string>[] calls = [.. Enumerable.Range(0, 4).Select(_ => _daemon.RunPodAsync(pod))];
        string[] ids = await Task.WhenAll(calls);
        Assert.Single(ids.Distinct());
    }

    private async Task<string[]> ListAsync(PodSandboxFilter filter) =>
        [.. (await _daemon.Runtime.ListPodSandboxAsync(new ListPodSandboxRequest { Filter = filter })).Items.Select(pod => pod.Id)];
}
