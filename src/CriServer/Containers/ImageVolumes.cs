using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs.Users;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Containers;

/// <summary>Images whose content a container mounts (KEP-4639): which they are, and whether what is asked of them is there.</summary>
public static class ImageVolumes
{
    /// <summary>The word by which the kubelet knows this failure (cri-api, ErrImageVolumeMountFailed).</summary>
    private const string Failed = "ImageVolumeMountFailed";

    /// <summary>The images of a container's volumes by the name in the request.</summary>
    /// <exception cref="CriException">NotFound naming the mount and the image that is not on the node.</exception>
    public static SortedDictionary<string, ContainerImage> Find(IReadOnlyList<ContainerMount> mounts, IContainerImages images)
    {
        SortedDictionary<string, ContainerImage> found = new(StringComparer.Ordinal);
        foreach (ContainerMount mount in mounts)
        {
            if (mount.ImageVolume is { } volume && !found.ContainsKey(volume.Image))
            {
                found[volume.Image] = images.Find(volume.Image) ?? throw CriException.NotFound(
                    $"{Failed}: config.mounts of {TextLimits.Shorten(mount.ContainerPath)}: image \"{TextLimits.Shorten(volume.Image)}\" is not on this node; pull it first");
            }
        }

        return found;
    }

    /// <summary>
    /// Tells a sub path that can't be mounted before there is a process. Where it leads is decided by the kernel, at the mount, by the same rules: the image is the root, for
    /// <c>..</c> and for links.
    /// </summary>
    /// <param name="layers">The images' directories, top first, by the name in the request.</param>
    /// <exception cref="CriException">NotFound, or InvalidArgument for what is neither a directory nor a file; naming mount, image and sub path.</exception>
    public static void CheckSubPaths(IReadOnlyList<ContainerMount> mounts, IReadOnlyDictionary<string, IReadOnlyList<string>> layers)
    {
        foreach (ContainerMount mount in mounts)
        {
            if (mount.ImageVolume is not { SubPath.Length: > 0 } volume)
                continue;
            string what = $"{Failed}: config.mounts of {TextLimits.Shorten(mount.ContainerPath)}: image_sub_path \"{TextLimits.Shorten(volume.SubPath)}\"";
            FileKind kind = new LayeredRootfs(layers[volume.Image]).KindOf(volume.SubPath)
                ?? throw CriException.NotFound($"{what} does not exist in image {TextLimits.Shorten(volume.Image)}");
            if (kind is not (FileKind.Directory or FileKind.Regular))
                throw CriException.InvalidArgument($"{what} of image {TextLimits.Shorten(volume.Image)} is neither a directory nor a file");
        }
    }
}
