using System.Text;
using CriRuntime.Linux;

namespace CriRuntime.Images.Store;

/// <summary>
/// A tar may hold <c>etc/x</c> without <c>etc/</c>. Unpacked alone, the layer's <c>etc</c> is root's and 0755, and in the overlay it would give these
/// attributes to an <c>etc</c> of a lower layer that has others. So they are copied from there once the whole stack is known.
/// </summary>
internal static class ImpliedDirectories
{
    /// <summary>More than that are no honest tar's; the rest keep root and 0755.</summary>
    public const int MaxRecorded = 20_000;

    /// <summary>Copies owner and mode from the nearest lower layer that has the directory. True when anything was changed.</summary>
    /// <param name="lower">The layers below, nearest first.</param>
    public static bool Inherit(DirectoryFd layers, Layer layer, IEnumerable<Layer> lower)
    {
        bool isChanged = false;
        List<Layer> below = [.. lower];
        using DirectoryFd root = Open(layers, layer);
        foreach (string name in layer.ImpliedDirectories)
        {
            byte[] path = Encoding.Latin1.GetBytes(name);
            if (Find(layers, below, path) is { } facts && (facts.Uid, facts.Gid, facts.Permissions) != (0, 0, 0x1ED)
                && root.TryOpenDirectory(path, PathResolution.InRoot) is { } directory)
            {
                using (directory)
                {
                    InodeAttributes.SetOwner(directory.Descriptor, facts.Uid, facts.Gid);
                    InodeAttributes.SetPermissions(directory.Descriptor, facts.Permissions);
                }

                isChanged = true;
            }
        }

        return isChanged;
    }

    private static FileFacts? Find(DirectoryFd layers, List<Layer> below, byte[] path)
    {
        foreach (Layer layer in below)
        {
            using DirectoryFd root = Open(layers, layer);
            using DirectoryFd? directory = root.TryOpenDirectory(path, PathResolution.InRoot);
            if (directory is not null)
            {
                return directory.TryStat(default);
            }
        }

        return null;
    }

    private static DirectoryFd Open(DirectoryFd layers, Layer layer) =>
        layers.OpenDirectory(Encoding.ASCII.GetBytes(layer.Name), PathResolution.NoSymlinks);
}
