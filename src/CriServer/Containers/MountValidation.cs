using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Containers;

/// <summary>What the mounts of a CreateContainer request must be.</summary>
internal static class MountValidation
{
    private const int MaxMounts = 4096;
    private const int MaxSubPath = 4095;

    /// <summary>Options that make a volume safer or change its access times: no other reaches a file system made of an image's layers.</summary>
    private static readonly HashSet<string> ImageVolumeOptions = new(StringComparer.Ordinal)
    {
        "ro", "nosuid", "nodev", "noexec", "nosymfollow", "noatime", "nodiratime", "relatime", "strictatime",
    };

    /// <exception cref="CriException">InvalidArgument naming the mount, or FailedPrecondition for what this runtime does not offer.</exception>
    internal static void Check(IReadOnlyList<ContainerMount> mounts)
    {
        if (mounts.Count > MaxMounts)
            throw CriException.InvalidArgument($"config.mounts has {mounts.Count} entries; at most {MaxMounts} are allowed");
        foreach (ContainerMount mount in mounts)
        {
            string name = $"config.mounts of {TextLimits.Shorten(mount.ContainerPath)}";
            if (mount.ContainerPath.Length == 0)
                throw CriException.InvalidArgument("config.mounts: container_path is empty");
            if (mount.IdMappings is { } mappings)
                UserNamespaceValidation.CheckMount(name, mappings);
            if (mount.RecursiveReadOnly && (!mount.ReadOnly || mount.Propagation != MountPropagation.Private))
                throw CriException.InvalidArgument($"{name}: recursive_read_only needs readonly and private propagation");
            if (mount.Options.Any(option => option.Length == 0 || option.Any(c => char.IsControl(c) || c is ',' or ' ')))
                throw CriException.InvalidArgument($"{name}: mount_options has an entry that is no option");
            if (mount.ImageVolume is { } volume)
                CheckImageVolume(name, mount, volume);
            else
                TextLimits.AbsolutePath($"{name}: host_path", mount.HostPath);
        }
    }

    private static void CheckImageVolume(string name, ContainerMount mount, ImageVolume volume)
    {
        if (volume.Image.Length > TextLimits.MaxLabel)
            throw CriException.InvalidArgument($"{name}: image.image has {volume.Image.Length} characters; at most {TextLimits.MaxLabel} are allowed");
        if (mount.HostPath.Length > 0)
            throw CriException.InvalidArgument($"{name}: host_path and image exclude each other");
        if (!mount.ReadOnly)
            throw CriException.InvalidArgument($"{name}: an image can only be mounted with readonly");
        string path = volume.SubPath;
        if (path.Length > MaxSubPath || path.StartsWith('/') || path.Contains('\0') || TextLimits.HasDotDot(path))
            throw CriException.InvalidArgument($"{name}: image_sub_path \"{TextLimits.Shorten(path)}\" is not a relative path without \"..\" of at most {MaxSubPath} characters");
        if (mount.Options.FirstOrDefault(option => !ImageVolumeOptions.Contains(option)) is { } foreign)
            throw CriException.InvalidArgument($"{name}: mount_options \"{TextLimits.Shorten(foreign)}\" is not an option for an image volume");
    }
}
