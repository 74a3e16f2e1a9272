using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Specs;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <summary>CreateContainer's configuration in the domain's terms.</summary>
internal static class ContainerTranslation
{
    /// <exception cref="CriException">InvalidArgument when a message that must be there is missing.</exception>
    public static ContainerConfig ToDomain(this Cri.ContainerConfig? config)
    {
        if (config is null)
            throw CriException.InvalidArgument("config is missing");
        if (config.Metadata is not { } metadata)
            throw CriException.InvalidArgument("config.metadata is missing");
        if (config.Image is not { } image)
            throw CriException.InvalidArgument("config.image is missing");
        return new ContainerConfig
        {
            Metadata = new ContainerMetadata(metadata.Name, metadata.Attempt),
            Image = image.Image,
            UserSpecifiedImage = image.UserSpecifiedImage,
            ImageAnnotations = image.Annotations.ToDomain(),
            Command = [.. config.Command],
            Args = [.. config.Args],
            WorkingDirectory = config.WorkingDir,
            Environment = [.. config.Envs.Select(env => new EnvironmentVariable(env.Key, env.Value.ToByteArray()))],
            Mounts = [.. config.Mounts.Select(ToDomain)],
            Devices = [.. config.Devices.Select(device => new ContainerDevice(device.ContainerPath, device.HostPath, device.Permissions))],
            CdiDevices = [.. config.CDIDevices.Select(device => device.Name)],
            Labels = config.Labels.ToDomain(),
            Annotations = config.Annotations.ToDomain(),
            LogPath = config.LogPath,
            Stdin = config.Stdin,
            StdinOnce = config.StdinOnce,
            Tty = config.Tty,
            StopSignal = config.StopSignal.ToDomain(),
            Resources = config.Linux?.Resources?.ToDomain() ?? new ContainerResources(),
            Security = config.Linux?.SecurityContext?.ToDomain() ?? new ContainerSecurity { Namespaces = NamespaceTranslation.ToDomain(null) },
        };
    }

    private static ContainerMount ToDomain(Cri.Mount mount) => new()
    {
        ContainerPath = mount.ContainerPath,
        HostPath = mount.HostPath,
        ReadOnly = mount.Readonly,
        RecursiveReadOnly = mount.RecursiveReadOnly,
        SelinuxRelabel = mount.SelinuxRelabel,
        Propagation = (MountPropagation)mount.Propagation,
        Options = [.. mount.MountOptions],
        // Without an image the sub-path means nothing: in a pod with an image volume the kubelet sets it on every mount with a subPath, which is in host_path already.
        ImageVolume = mount is { Image.Image.Length: > 0 }
            ? new ImageVolume(mount.Image.Image, mount.ImageSubPath, mount.Image.UserSpecifiedImage, mount.Image.Annotations.ToDomain())
            : null,
        IdMappings = mount.UidMappings.Count + mount.GidMappings.Count > 0 ? new MountIdMappings(mount.UidMappings.ToRanges(), mount.GidMappings.ToRanges()) : null,
    };

    private static ContainerSecurity ToDomain(this Cri.LinuxContainerSecurityContext security)
    {
        Cri.Capability capabilities = security.Capabilities ?? new Cri.Capability();
        return new ContainerSecurity
        {
            Privileged = security.Privileged,
            Namespaces = security.NamespaceOptions.ToDomain(),
            AddCapabilities = [.. capabilities.AddCapabilities],
            DropCapabilities = [.. capabilities.DropCapabilities],
            AddAmbientCapabilities = [.. capabilities.AddAmbientCapabilities],
            RunAsUser = security.RunAsUser?.Value,
            RunAsGroup = security.RunAsGroup?.Value,
            RunAsUsername = security.RunAsUsername,
            SupplementalGroups = [.. security.SupplementalGroups],
            StrictSupplementalGroups = security.SupplementalGroupsPolicy == Cri.SupplementalGroupsPolicy.Strict,
            ReadOnlyRootfs = security.ReadonlyRootfs,
            NoNewPrivileges = security.NoNewPrivs,
            MaskedPaths = security.MaskedPaths.Count > 0 ? [.. security.MaskedPaths] : null,
            ReadonlyPaths = security.ReadonlyPaths.Count > 0 ? [.. security.ReadonlyPaths] : null,
            Seccomp = security.SeccompProfile(),
            AppArmor = security.AppArmorProfile(),
            SelinuxOptions = security.SelinuxOptions.ToDomain(),
        };
    }
}
