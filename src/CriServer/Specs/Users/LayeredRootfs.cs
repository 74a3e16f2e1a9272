using System.Text;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Specs.Users;

/// <summary>
/// Finds and reads files of an image as a container would see it, without mounting anything: each component is looked up in the layers
/// from the top, whiteouts and opaque directories hide what is below, and links are followed inside the image's root only.
/// </summary>
/// <param name="layers">The unpacked layers, top first (overlayfs format: whiteout devices, trusted.overlay.opaque).</param>
public sealed class LayeredRootfs(IReadOnlyList<string> layers)
{
    /// <summary>As the kernel's limit for one path (path_resolution(7)).</summary>
    private const int MaxLinks = 40;

    /// <summary>The content of a regular file; null when there is none.</summary>
    /// <param name="path">Absolute, e.g. <c>/etc/passwd</c>.</param>
    /// <exception cref="InvalidDataException">It is larger than <paramref name="maxBytes"/> (CVE-2025-4437), or no regular file.</exception>
    public byte[]? TryRead(string path, int maxBytes)
    {
        using Entry? entry = Walk(path);
        return entry is { Parent: { } parent } ? Read(parent, entry, path, maxBytes) : null;
    }

    /// <summary>What a path leads to, links followed; null when it leads nowhere.</summary>
    public FileKind? KindOf(string path)
    {
        using Entry? entry = Walk(path);
        return entry is null ? null : entry.Parent is null ? FileKind.Directory : entry.Facts.Kind;
    }

    private Entry? Walk(string path)
    {
        LinkedList<string> ahead = new(Split(path));
        List<string> resolved = [];
        int links = 0;
        while (ahead.First is { } next)
        {
            ahead.RemoveFirst();
            if (next.Value == "..")
            {
                if (resolved.Count > 0)
                    resolved.RemoveAt(resolved.Count - 1);
                continue;
            }

            if (Lookup(resolved, next.Value) is not { } found)
                return null;
            bool isLink = found.Facts.Kind == FileKind.SymbolicLink;
            byte[] name = Encoding.UTF8.GetBytes(next.Value);
            if (!isLink && ahead.Count == 0)
                return new Entry(found.Directory, name, found.Facts);
            using (found.Directory)
            {
                if (isLink && ++links > MaxLinks)
                    return null;
                if (isLink)
                    Follow(found.Directory.TryReadLink(name) ?? [], ahead, resolved);
                else
                    resolved.Add(next.Value);
            }
        }

        return new Entry(null, [], default);
    }

    /// <summary>The topmost visible entry of that name in the merged directory.</summary>
    private (DirectoryFd Directory, FileFacts Facts)? Lookup(List<string> directory, string name)
    {
        foreach (string layer in layers)
        {
            (DirectoryFd? open, bool hidesLower) = OpenIn(layer, directory);
            if (open is null)
            {
                if (hidesLower)
                    return null;
                continue;
            }

            if (open.TryStat(Encoding.UTF8.GetBytes(name)) is { } facts)
            {
                if (facts is not { Kind: FileKind.CharacterDevice, DeviceMajor: 0, DeviceMinor: 0 })
                    return (open, facts);
                open.Dispose();
                return null;
            }

            open.Dispose();
            if (hidesLower)
                return null;
        }

        return null;
    }

    /// <summary>The directory in one layer, and whether that layer hides what lower ones have in it.</summary>
    private static (DirectoryFd? Directory, bool HidesLower) OpenIn(string layer, List<string> directory)
    {
        DirectoryFd current = DirectoryFd.Open(layer);
        bool opaque = false;
        foreach (string part in directory)
        {
            byte[] name = Encoding.UTF8.GetBytes(part);
            using DirectoryFd parent = current;
            FileFacts? facts = parent.TryStat(name);
            if (facts is null)
                return (null, opaque);
            if (facts.Value.Kind != FileKind.Directory)
                return (null, true); // a whiteout, or something else in the place of the lower directory
            current = parent.OpenDirectory(name, PathResolution.NoSymlinks);
            opaque |= InodeAttributes.TryGetXattr(current.Descriptor, "trusted.overlay.opaque"u8) is [(byte)'y', ..];
        }

        return (current, opaque);
    }

    private static byte[] Read(DirectoryFd parent, Entry entry, string path, int maxBytes)
    {
        if (entry.Facts.Kind != FileKind.Regular)
            throw new InvalidDataException($"{path} of the image is not a regular file");
        if (entry.Facts.Size > maxBytes)
            throw new InvalidDataException($"{path} of the image has {entry.Facts.Size} bytes; at most {maxBytes} are read");
        using FileDescriptor file = parent.OpenForReading(entry.Name, PathResolution.NoSymlinks);
        byte[] content = new byte[entry.Facts.Size];
        int length = 0;
        while (length < content.Length && file.Read(content.AsSpan(length)) is > 0 and var read)
            length += read;
        return content[..length];
    }

    private static void Follow(byte[] target, LinkedList<string> ahead, List<string> resolved)
    {
        string text = Encoding.UTF8.GetString(target);
        if (text.StartsWith('/'))
            resolved.Clear();
        foreach (string part in Split(text).Reverse())
            ahead.AddFirst(part);
    }

    private static IEnumerable<string> Split(string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".");

    /// <summary>Where a walk ended.</summary>
    /// <param name="Parent">The directory of one layer that has the entry; null for a directory that was reached upwards, or is the root.</param>
    private sealed record Entry(DirectoryFd? Parent, byte[] Name, FileFacts Facts) : IDisposable
    {
        public void Dispose() => Parent?.Dispose();
    }
}
