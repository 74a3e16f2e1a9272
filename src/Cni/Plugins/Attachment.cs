using System.Text.Json;
using CriRuntime.Cni.Configuration;

namespace CriRuntime.Cni.Plugins;

/// <summary>The runtime's side of a plugin call (libcni's RuntimeConf): made from a pod, or read back from the cache.</summary>
/// <param name="ContainerId">CNI_CONTAINERID.</param>
/// <param name="Netns">CNI_NETNS; empty where the namespace is gone.</param>
/// <param name="IfName">CNI_IFNAME.</param>
/// <param name="Arguments">CNI_ARGS, in order.</param>
/// <param name="Capabilities">What may become runtimeConfig, an object by capability.</param>
/// <param name="Pod">What messages call the pod.</param>
internal sealed record Attachment(
    string ContainerId,
    string Netns,
    string IfName,
    IReadOnlyList<KeyValuePair<string, string>> Arguments,
    JsonElement Capabilities,
    string Pod)
{
    /// <summary>Checks and translates what the CRI side asked for.</summary>
    /// <exception cref="CniException"><see cref="CniFailure.InvalidRequest"/>: something in it cannot be said in CNI.</exception>
    internal static Attachment Of(PodAttachment pod)
    {
        if (!CniNames.IsIdentifier(pod.ContainerId))
            throw Invalid(pod, $"container id \"{CniNames.Printable(pod.ContainerId, 80)}\" has characters that CNI does not allow");
        if (!CniNames.IsInterfaceName(pod.IfName))
            throw Invalid(pod, $"\"{CniNames.Printable(pod.IfName, 40)}\" is not an interface name");
        if (pod.NetnsPath.Contains('\0'))
            throw Invalid(pod, "the network namespace's path has a NUL");
        KeyValuePair<string, string>[] arguments =
        [
            new("IgnoreUnknown", "1"),
            new("K8S_POD_NAMESPACE", pod.PodNamespace),
            new("K8S_POD_NAME", pod.PodName),
            new("K8S_POD_INFRA_CONTAINER_ID", pod.ContainerId),
            new("K8S_POD_UID", pod.PodUid),
        ];
        foreach ((string key, string value) in arguments)
        {
            if (value.AsSpan().IndexOfAny(";=\0") >= 0)
                throw Invalid(pod, $"{key} \"{CniNames.Printable(value, 80)}\" has a ';', '=' or NUL, which CNI_ARGS cannot carry");
        }

        return new Attachment(pod.ContainerId, pod.NetnsPath, pod.IfName, arguments, CapabilityArguments.Of(pod), pod.Pod);
    }

    /// <summary>CNI_ARGS as one string.</summary>
    internal string ArgumentText => string.Join(';', Arguments.Select(argument => $"{argument.Key}={argument.Value}"));

    private static CniException Invalid(PodAttachment pod, string reason) =>
        new(CniFailure.InvalidRequest, $"CNI request of pod {CniNames.Printable(pod.Pod, 300)}: {reason}") { Pod = pod.Pod };
}
