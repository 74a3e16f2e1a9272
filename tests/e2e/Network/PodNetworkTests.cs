using CriRuntime.E2e.Harness;
using Runtime.V1;

namespace CriRuntime.E2e.Network;

[Collection(SharedDaemonCollection.Name)]
public sealed class PodNetworkTests(SharedDaemon shared)
{
    private readonly Daemon _daemon = shared.Daemon;

    [Fact]
    public async Task The_host_reaches_a_pod_by_its_address_and_pods_reach_one_another()
    {
        (string server, string ip) = await ServeAsync("net-server", 8080);
        using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };
        await Wait.UntilAsync("the pod to answer", async () => await AnswersAsync(http, $"http://{ip}:8080/index.html"));

        PodSandboxConfig other = _daemon.Pod("net-client", hostNetwork: false);
        string otherId = await _daemon.RunPodAsync(other);
        (ContainerStatus status, string output) = await _daemon.RunToEndAsync(otherId, other, Cri.Container("wget", "wget", "-q", "-O", "-", $"http://{ip}:8080/index.html"));
        Assert.True(status.ExitCode == 0, output);
        Assert.Equal("from net-server\n", output);
        await RemoveAsync(server, otherId);
    }

    [Fact]
    public async Task A_host_port_leads_to_the_pod_until_it_is_stopped()
    {
        (string id, _) = await ServeAsync("hostport", 8080, pod => pod.PortMappings.Add(new PortMapping { ContainerPort = 8080, HostPort = 18080, Protocol = Protocol.Tcp }));
        using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };
        await Wait.UntilAsync("the host port to answer", async () => await AnswersAsync(http, "http://127.0.0.1:18080/index.html"));
        await _daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = id });
        Assert.False(await AnswersAsync(http, "http://127.0.0.1:18080/index.html"));
        await RemoveAsync(id);
    }

    [Fact]
    public async Task Loopback_is_up_in_a_pod()
    {
        PodSandboxConfig pod = _daemon.Pod("loopback", hostNetwork: false);
        string id = await _daemon.RunPodAsync(pod);
        (_, string output) = await _daemon.RunToEndAsync(id, pod, Cri.Container("ip", "ip", "addr", "show", "lo"));
        Assert.Contains("127.0.0.1/8", output, StringComparison.Ordinal);
        Assert.Contains("LOOPBACK,UP", output, StringComparison.Ordinal);
        await RemoveAsync(id);
    }

    [Fact]
    public async Task A_stopped_pods_address_is_free_again()
    {
        HashSet<string> seen = [];
        for (int i = 0; i < 300; i++)
        {
            // More pods than the subnet has addresses: a leaked one would end the run.
            string id = await _daemon.RunPodAsync(_daemon.Pod($"reuse-{i}", hostNetwork: false));
            seen.Add((await _daemon.PodStatusAsync(id)).Network.Ip);
            await RemoveAsync(id);
        }

        Assert.True(seen.Count <= 254);
    }

    [Fact]
    public async Task A_pod_with_host_network_needs_no_plugin_and_has_no_address_of_its_own()
    {
        string id = await _daemon.RunPodAsync(_daemon.Pod("host-net"));
        PodSandboxStatus status = await _daemon.PodStatusAsync(id);
        Assert.Equal("", status.Network?.Ip ?? "");
        Assert.Equal(NamespaceMode.Node, status.Linux.Namespaces.Options.Network);
        await RemoveAsync(id);
    }

    private async Task<(string PodId, string Ip)> ServeAsync(string name, int port, Action<PodSandboxConfig>? configure = null)
    {
        PodSandboxConfig pod = _daemon.Pod(name, hostNetwork: false);
        configure?.Invoke(pod);
        string id = await _daemon.RunPodAsync(pod);
        string script = $"mkdir /tmp/www; echo from {name} > /tmp/www/index.html; exec httpd -f -p {port} -h /tmp/www";
        await _daemon.StartNewAsync(id, pod, Cri.Container("httpd", "sh", "-c", script));
        return (id, (await _daemon.PodStatusAsync(id)).Network.Ip);
    }

    private static async Task<bool> AnswersAsync(HttpClient http, string url)
    {
        try
        {
            return (await http.GetAsync(new Uri(url))).IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private async Task RemoveAsync(params string[] pods)
    {
        foreach (string pod in pods)
        {
            await _daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = pod });
            await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = pod });
        }
    }
}
