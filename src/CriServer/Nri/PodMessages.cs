using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;
using CriRuntime.Oci.Specs;
using Api = CriRuntime.Nri.Api;

namespace CriRuntime.CriServer.Nri;

/// <summary>Pods as plugins see them.</summary>
public static class PodMessages
{
    public static Api.PodSandbox Describe(PodSandbox pod, StateDirectories directories)
    {
        Api.PodSandbox message = new()
        {
            Id = pod.Id,
            Name = pod.Config.Metadata.Name,
            Uid = pod.Config.Metadata.Uid,
            Namespace = pod.Config.Metadata.Namespace,
            RuntimeHandler = pod.RuntimeHandler,
            Linux = new Api.LinuxPodSandbox
            {
                CgroupParent = pod.Config.CgroupParent,
                CgroupsPath = pod.CgroupPath,
                PodOverhead = pod.Overhead is { } overhead ? ResourceMessages.Describe(overhead) : null,
                PodResources = pod.Resources is { } resources ? ResourceMessages.Describe(resources) : null,
            },
        };
        foreach ((string key, string value) in pod.Config.Labels)
            message.Labels[key] = value;
        foreach ((string key, string value) in pod.Config.Annotations)
            message.Annotations[key] = value;
        message.Ips.Add(pod.Network.Ips);
        AddNamespaces(message.Linux, pod, directories);
        return message;
    }

    /// <summary>The namespaces that the pod's containers share and that are not the host's, with the files that pin them.</summary>
    private static void AddNamespaces(Api.LinuxPodSandbox message, PodSandbox pod, StateDirectories directories)
    {
        NamespaceOptions namespaces = pod.Config.Namespaces;
        if (!pod.HostNetwork)
        {
            Add(LinuxNamespaceType.Network, "net");
            Add(LinuxNamespaceType.Uts, "uts");
        }

        if (namespaces.Ipc == NamespaceMode.Pod)
            Add(LinuxNamespaceType.Ipc, "ipc");
        if (namespaces.Pid == NamespaceMode.Pod)
            Add(LinuxNamespaceType.Pid, "pid");

        void Add(string type, string kind) =>
            message.Namespaces.Add(new Api.LinuxNamespace { Type = type, Path = directories.Namespace(pod.Id, kind) });
    }
}
