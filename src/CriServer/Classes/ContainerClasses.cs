using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Classes;

/// <summary>
/// The classes that annotations ask for, by the names that containerd and CRI-O know (goresctrl, pkg/blockio and pkg/rdt): the container's own annotation counts
/// first, then the pod's for the container by name, then the pod's for all. An empty value says: none.
/// </summary>
public static class ContainerClasses
{
    private const string BlockIoOfContainer = "io.kubernetes.cri.blockio-class";
    private const string BlockIoOfPod = "blockio.resources.beta.kubernetes.io/";
    private const string RdtOfContainer = "io.kubernetes.cri.rdt-class";
    private const string RdtOfPod = "rdt.resources.beta.kubernetes.io/";

    /// <summary>Null: none.</summary>
    public static string? BlockIo(PodSandboxConfig pod, ContainerConfig container) => Find(pod, container, BlockIoOfContainer, BlockIoOfPod);

    /// <inheritdoc cref="BlockIo"/>
    public static string? Rdt(PodSandboxConfig pod, ContainerConfig container) => Find(pod, container, RdtOfContainer, RdtOfPod);

    private static string? Find(PodSandboxConfig pod, ContainerConfig container, string own, string prefix)
    {
        string? name = container.Annotations.GetValueOrDefault(own)
            ?? pod.Annotations.GetValueOrDefault($"{prefix}container.{container.Metadata.Name}")
            ?? pod.Annotations.GetValueOrDefault($"{prefix}pod");
        return string.IsNullOrEmpty(name) ? null : name;
    }
}
