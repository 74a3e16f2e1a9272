using CriRuntime.CriServer.Sandboxes;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>Which namespaces a container has of its own, and which it shares with its pod.</summary>
public static class ContainerNamespaces
{
    public static IReadOnlyList<LinuxNamespace> Build(ContainerSpecInput input)
    {
        List<LinuxNamespace> namespaces = [New(LinuxNamespaceType.Mount)];
        NamespaceOptions pod = input.Pod.Config.Namespaces;
        if (pod.OwnUserNamespace is not null)
            namespaces.Add(Join(LinuxNamespaceType.User, input.Paths.Namespace("user")));
        if (pod.Network != NamespaceMode.Node)
        {
            namespaces.Add(Join(LinuxNamespaceType.Network, input.Paths.Namespace("net")));
            namespaces.Add(Join(LinuxNamespaceType.Uts, input.Paths.Namespace("uts")));
        }

        if (pod.Ipc != NamespaceMode.Node)
            namespaces.Add(Join(LinuxNamespaceType.Ipc, input.Paths.Namespace("ipc")));
        switch (input.Container.Security.Namespaces.Pid)
        {
            case NamespaceMode.Pod when pod.Pid == NamespaceMode.Pod:
                namespaces.Add(Join(LinuxNamespaceType.Pid, input.Paths.Namespace("pid")));
                break;
            case NamespaceMode.Pod when pod.Pid == NamespaceMode.Container: // the pod has none to share
            case NamespaceMode.Container:
                namespaces.Add(New(LinuxNamespaceType.Pid));
                break;
            case NamespaceMode.Target:
                namespaces.Add(Join(LinuxNamespaceType.Pid, input.TargetPidNamespace!));
                break;
        }

        // On v1 the hierarchies are mounted as they are; a privileged container manages the node's on v2, unless its user namespace has no right to that.
        if (input.Node.CgroupV2 && (!input.Container.Security.Privileged || pod.OwnUserNamespace is not null))
            namespaces.Add(New(LinuxNamespaceType.Cgroup));
        return namespaces;
    }

    private static LinuxNamespace New(string type) => new() { Type = type };

    private static LinuxNamespace Join(string type, string path) => new() { Type = type, Path = path };
}
