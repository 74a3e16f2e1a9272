using System.Net;
using System.Net.Sockets;
using CriRuntime.E2e.Harness;
using Runtime.V1;

namespace CriRuntime.E2e.Network;

/// <summary>A network with both address families, and host ports by each.</summary>
public sealed class DualStackTests
{
    [Fact]
    public async Task A_pod_has_an_address_of_each_family_and_answers_at_both()
    {
        (Daemon started, _, _) = await StartAsync("dual");
        await using Daemon daemon = started;
        PodSandboxNetworkStatus network = (await daemon.PodStatusAsync(await ServeAsync(daemon, "dual"))).Network;
        IPAddress v4 = IPAddress.Parse(network.Ip);
        IPAddress v6 = IPAddress.Parse(Assert.Single(network.AdditionalIps).Ip);
        Assert.Equal((AddressFamily.InterNetwork, AddressFamily.InterNetworkV6), (v4.AddressFamily, v6.AddressFamily));
        await AnswersAsync(new IPEndPoint(v4, 8080));
        await AnswersAsync(new IPEndPoint(v6, 8080));
    }

    [Fact]
    public async Task A_host_port_without_an_address_leads_to_the_pod_from_both_families()
    {
        (Daemon started, IPAddress v4, IPAddress v6) = await StartAsync("dual-ports");
        await using Daemon daemon = started;
        string id = await ServeAsync(daemon, "ports", new PortMapping { ContainerPort = 8080, HostPort = 18081 });
        await AnswersAsync(new IPEndPoint(v4, 18081));
        await AnswersAsync(new IPEndPoint(v6, 18081));
        await daemon.Runtime.StopPodSandboxAsync(new StopPodSandboxRequest { PodSandboxId = id });
        Assert.False(await ConnectsAsync(new IPEndPoint(v4, 18081)));
        Assert.False(await ConnectsAsync(new IPEndPoint(v6, 18081)));
    }

    [Fact]
    public async Task A_host_port_with_an_address_is_at_that_address_only()
    {
        (Daemon started, IPAddress v4, IPAddress v6) = await StartAsync("dual-hostip");
        await using Daemon daemon = started;
        await ServeAsync(
            daemon, "hostip",
            new PortMapping { ContainerPort = 8080, HostPort = 18082, HostIp = v4.ToString() },
            new PortMapping { ContainerPort = 8080, HostPort = 18083, HostIp = v6.ToString() });
        await AnswersAsync(new IPEndPoint(v4, 18082));
        await AnswersAsync(new IPEndPoint(v6, 18083));
        Assert.False(await ConnectsAsync(new IPEndPoint(IPAddress.Loopback, 18082)));
        Assert.False(await ConnectsAsync(new IPEndPoint(v6, 18082)));
        Assert.False(await ConnectsAsync(new IPEndPoint(v4, 18083)));
    }

    /// <summary>With the node's addresses on the pods' network.</summary>
    private static async Task<(Daemon Daemon, IPAddress V4, IPAddress V6)> StartAsync(string name)
    {
        IPAddress v4 = IPAddress.None;
        IPAddress v6 = IPAddress.None;
        Daemon daemon = await Daemon.StartAsync(name, daemon => (v4, v6) = Networks.DualStack(daemon));
        await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        return (daemon, v4, v6);
    }

    private static async Task<string> ServeAsync(Daemon daemon, string name, params PortMapping[] ports)
    {
        PodSandboxConfig pod = daemon.Pod(name, hostNetwork: false);
        pod.PortMappings.Add(ports);
        string id = await daemon.RunPodAsync(pod);
        await daemon.StartNewAsync(id, pod, Cri.Container("httpd", "httpd", "-f", "-p", "8080"));
        return id;
    }

    private static Task AnswersAsync(IPEndPoint at) => Wait.UntilAsync($"{at} to answer", () => ConnectsAsync(at));

    /// <summary>A host port's address takes no packet of its own, so a refused connection is one that leads nowhere.</summary>
    private static async Task<bool> ConnectsAsync(IPEndPoint at)
    {
        using Socket socket = new(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using CancellationTokenSource limit = new(Wait.Seconds(2));
        try
        {
            await socket.ConnectAsync(at, limit.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}
