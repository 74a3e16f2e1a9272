using CriRuntime.CriServer.Containers;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <summary>Containers as the CRI reports them.</summary>
internal static class ContainerStatusTranslation
{
    public static Cri.Container ToListItem(this Container container) => new()
    {
        Id = container.Id,
        PodSandboxId = container.SandboxId,
        Metadata = container.Config.Metadata.ToCri(),
        Image = Image(container.Config),
        ImageRef = container.ImageRef,
        ImageId = container.ImageId,
        State = State(container),
        CreatedAt = container.CreatedAt,
        Labels = { container.Config.Labels },
        Annotations = { container.Config.Annotations },
    };

    public static Cri.ContainerStatus ToStatus(this Container container) => new()
    {
        Id = container.Id,
        Metadata = container.Config.Metadata.ToCri(),
        State = State(container),
        CreatedAt = container.CreatedAt,
        StartedAt = container.StartedAt,
        FinishedAt = container.FinishedAt,
        ExitCode = container.ExitCode,
        Image = NamedImage(container.Config),
        ImageRef = container.ImageRef,
        ImageId = container.ImageId,
        Reason = container.Reason,
        Message = container.Message,
        Labels = { container.Config.Labels },
        Annotations = { container.Config.Annotations },
        Mounts = { container.Config.Mounts.Select(mount => ToCri(mount, container)) },
        LogPath = container.LogPath,
        Resources = new Cri.ContainerResources { Linux = container.Resources.ToCri() },
        User = new Cri.ContainerUser
        {
            Linux = new Cri.LinuxContainerUser
            {
                Uid = container.User.Uid,
                Gid = container.User.Gid,
                SupplementalGroups = { container.User.AdditionalGids.Select(gid => (long)gid) },
            },
        },
        StopSignal = SignalTranslation.ToCri(container.StopSignal),
    };

    public static Cri.ContainerMetadata ToCri(this ContainerMetadata metadata) => new() { Name = metadata.Name, Attempt = metadata.Attempt };

    /// <summary>Whether a client may see the container: one that is still being made does not exist for it.</summary>
    public static bool IsVisible(this Container container) => container.Phase != ContainerPhase.Creating;

    public static bool Matches(this Container container, Cri.ContainerFilter? filter) =>
        container.IsVisible()
        && (filter is null
            || (container.Id.StartsWith(filter.Id, StringComparison.Ordinal)
                && container.SandboxId.StartsWith(filter.PodSandboxId, StringComparison.Ordinal)
                && (filter.State is not { } state || state.State == State(container))
                && filter.LabelSelector.Matches(container.Config.Labels)));

    private static Cri.ContainerState State(Container container) => container.Phase switch
    {
        ContainerPhase.Created => Cri.ContainerState.ContainerCreated,
        ContainerPhase.Running => Cri.ContainerState.ContainerRunning,
        ContainerPhase.Exited or ContainerPhase.Removing => Cri.ContainerState.ContainerExited,
        _ => Cri.ContainerState.ContainerUnknown,
    };

    private static Cri.ImageSpec Image(ContainerConfig config) => new()
    {
        Image = config.Image,
        UserSpecifiedImage = config.UserSpecifiedImage,
        Annotations = { config.ImageAnnotations },
    };

    /// <summary>The kubelet asks for an image by its id, and shows what it finds here as the name of the image that runs.</summary>
    private static Cri.ImageSpec NamedImage(ContainerConfig config)
    {
        Cri.ImageSpec image = Image(config);
        if (config.UserSpecifiedImage.Length > 0)
            image.Image = config.UserSpecifiedImage;
        return image;
    }

    private static Cri.Mount ToCri(ContainerMount mount, Container container) => new()
    {
        ContainerPath = mount.ContainerPath,
        HostPath = mount.HostPath,
        Readonly = mount.ReadOnly,
        RecursiveReadOnly = mount.RecursiveReadOnly,
        SelinuxRelabel = mount.SelinuxRelabel,
        Propagation = (Cri.MountPropagation)mount.Propagation,
        MountOptions = { mount.Options },
        Image = mount.ImageVolume is { } volume ? Image(volume, container) : null,
        ImageSubPath = mount.ImageVolume?.SubPath ?? "",
    };

    /// <summary>The image_ref of a volume is what PullImage returned for its image: the id (KEP-5365).</summary>
    private static Cri.ImageSpec Image(ImageVolume volume, Container container) => new()
    {
        Image = volume.Image,
        UserSpecifiedImage = volume.UserSpecifiedImage,
        Annotations = { volume.Annotations },
        ImageRef = container.ImageVolumes?.GetValueOrDefault(volume.Image) ?? "",
    };
}
