using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>A container's OCI spec from its CRI request, its image and its pod: a pure function.</summary>
public static class ContainerSpec
{
    /// <exception cref="Errors.CriException">InvalidArgument or FailedPrecondition naming the field that can't be done.</exception>
    public static Spec Build(ContainerSpecInput input)
    {
        ContainerConfig config = input.Container;
        return new Spec
        {
            OciVersion = "1.2.0",
            Process = Process(input),
            Root = new Root { Path = "rootfs", ReadOnly = config.Security.ReadOnlyRootfs },
            Mounts = ContainerMounts.Build(input),
            Annotations = Annotations(input),
            Linux = Linux(input),
        };
    }

    private static Process Process(ContainerSpecInput input)
    {
        ContainerConfig config = input.Container;
        ContainerSecurity security = config.Security;
        return new Process
        {
            Args = CommandLine.Merge(config, input.Image),
            Cwd = CommandLine.WorkingDirectory(config, input.Image),
            Env = EnvironmentBlock.Build(config, input.Image, input.Pod.Hostname, input.User.Home),
            Terminal = config.Tty,
            User = new User { Uid = input.User.Uid, Gid = input.User.Gid, AdditionalGids = input.User.AdditionalGids },
            Capabilities = CapabilitySets.Build(security, input.Node.Capabilities),
            NoNewPrivileges = security.NoNewPrivileges,
            OomScoreAdj = ResourceLimits.OomScoreAdj(config.Resources.OomScoreAdj, input.Node),
            ApparmorProfile = input.Lsm.AppArmorProfile,
            SelinuxLabel = input.Lsm.ProcessLabel,
        };
    }

    private static LinuxSection Linux(ContainerSpecInput input)
    {
        ContainerSecurity security = input.Container.Security;
        UserNamespaceOptions? user = input.Pod.Config.Namespaces.OwnUserNamespace;
        return new LinuxSection
        {
            Namespaces = ContainerNamespaces.Build(input),
            UidMappings = IdMappings.ToOci(user?.Uids),
            GidMappings = IdMappings.ToOci(user?.Gids),
            Devices = [.. input.Devices.Select(device => device.Node)],
            CgroupsPath = input.CgroupPath,
            Resources = ResourceLimits.Build(input.Container.Resources, DeviceAccess.Rules(security.Privileged && input.Pod.Runtime is not { PrivilegedWithoutHostDevices: true }, input.Devices), input.Node),
            Seccomp = input.Seccomp,
            MountLabel = input.Lsm.FilesLabel,
            RootfsPropagation = ContainerMounts.RootfsPropagation(input.Container.Mounts),
            MaskedPaths = KernelPaths.Masked(security),
            ReadonlyPaths = KernelPaths.Readonly(security),
        };
    }

    /// <summary>The names that hooks and tools of this field look for, and what the handler lets through.</summary>
    private static Dictionary<string, string> Annotations(ContainerSpecInput input) => new(
        AnnotationFilter.Allowed(input.Pod.Runtime?.AllowedAnnotations ?? [], input.Pod.Config.Annotations, input.Container.Annotations), StringComparer.Ordinal)
    {
        ["io.kubernetes.cri.container-type"] = "container",
        ["io.kubernetes.cri.container-name"] = input.Container.Metadata.Name,
        ["io.kubernetes.cri.image-name"] = input.Container.Image,
        ["io.kubernetes.cri.sandbox-id"] = input.Pod.Id,
        ["io.kubernetes.cri.sandbox-name"] = input.Pod.Config.Metadata.Name,
        ["io.kubernetes.cri.sandbox-namespace"] = input.Pod.Config.Metadata.Namespace,
        ["io.kubernetes.cri.sandbox-uid"] = input.Pod.Config.Metadata.Uid,
    };
}
