using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Metrics;

/// <summary>The labels that every metric has, in the order of <see cref="Keys"/>.</summary>
internal static class MetricLabels
{
    /// <summary>What stands for the pod itself where a container's name is wanted, as ever since pods had a container for that.</summary>
    private const string PodContainer = "POD";

    internal static readonly string[] Keys = ["id", "image", "namespace", "pod", "container"];

    internal static string[] Of(PodSandbox pod) => [pod.Id, "", pod.Config.Metadata.Namespace, pod.Config.Metadata.Name, PodContainer];

    /// <summary>The image is what the pod's author wrote, where the kubelet tells.</summary>
    internal static string[] Of(PodSandbox pod, Container container) =>
    [
        container.Id,
        container.Config.UserSpecifiedImage is { Length: > 0 } written ? written : container.Config.Image,
        pod.Config.Metadata.Namespace,
        pod.Config.Metadata.Name,
        container.Config.Metadata.Name,
    ];
}
