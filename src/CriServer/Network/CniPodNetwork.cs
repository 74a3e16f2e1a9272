using CriRuntime.Cni;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;

namespace CriRuntime.CriServer.Network;

/// <summary>Pods on a CNI network.</summary>
public sealed class CniPodNetwork(CniNetworks networks) : IPodNetwork
{
    private const string IngressRate = "kubernetes.io/ingress-bandwidth";
    private const string EgressRate = "kubernetes.io/egress-bandwidth";

    public string? NotReadyReason => networks.Readiness is { Ready: false } readiness ? readiness.Reason : null;

    public async Task<PodNetworkStatus> AttachAsync(PodSandbox pod, string netnsPath, CancellationToken cancellationToken)
    {
        CniResult result = await networks.AddAsync(Describe(pod, netnsPath), cancellationToken).ConfigureAwait(false);
        return new PodNetworkStatus([.. result.PodIps.Select(ip => ip.ToString())], result.Json);
    }

    public Task DetachAsync(PodSandbox pod, string netnsPath, CancellationToken cancellationToken) =>
        networks.DelAsync(Describe(pod, File.Exists(netnsPath) ? netnsPath : ""), cancellationToken);

    public Task CollectAsync(Func<IReadOnlyCollection<string>> knownPodIds, CancellationToken cancellationToken) =>
        networks.GcAsync(() => [.. knownPodIds().Select(id => new CniAttachmentId(id))], cancellationToken);

    private static PodAttachment Describe(PodSandbox pod, string netnsPath)
    {
        PodSandboxConfig config = pod.Config;
        return new PodAttachment
        {
            ContainerId = pod.Id,
            NetnsPath = netnsPath,
            PodName = config.Metadata.Name,
            PodNamespace = config.Metadata.Namespace,
            PodUid = config.Metadata.Uid,
            PortMappings = [.. config.PortMappings.Select(port => new Cni.PortMapping(port.HostPort, port.ContainerPort, port.Protocol, port.HostIp))],
            Bandwidth = Bandwidth(config.Annotations),
            Dns = config.Dns is { } dns ? new DnsSettings(dns.Servers, dns.Searches, dns.Options) : null,
            CgroupPath = pod.CgroupPath,
        };
    }

    private static BandwidthLimits? Bandwidth(SortedDictionary<string, string> annotations)
    {
        long ingress = Quantity.BitsPerSecond(IngressRate, annotations);
        long egress = Quantity.BitsPerSecond(EgressRate, annotations);
        // The plugin wants a burst with each rate; as in containerd and cri-o it is as large as the kernel's field allows.
        return ingress == 0 && egress == 0
            ? null
            : new BandwidthLimits(ingress, ingress > 0 ? int.MaxValue : 0, egress, egress > 0 ? int.MaxValue : 0);
    }
}
