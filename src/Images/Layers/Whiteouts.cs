using CriRuntime.Linux;

namespace CriRuntime.Images.Layers;

/// <summary>Deleted files in layers: the OCI form (names, image-spec layer.md "Whiteouts") and overlayfs' own (device 0/0, an attribute).</summary>
internal static class Whiteouts
{
    private static ReadOnlySpan<byte> Prefix => ".wh."u8;

    /// <summary>The entry says that its directory hides all of its lower ones.</summary>
    public static bool IsOpaque(ReadOnlySpan<byte> name) => name.SequenceEqual(".wh..wh..opq"u8);

    /// <summary>Left over from aufs, without meaning here.</summary>
    public static bool IsAufsMetadata(ReadOnlySpan<byte> name) => name.StartsWith(".wh..wh."u8) && !IsOpaque(name);

    public static bool IsWhiteout(ReadOnlySpan<byte> name) => name.StartsWith(Prefix);

    /// <summary>The name that a whiteout hides.</summary>
    /// <exception cref="InvalidDataException">It hides nothing, or the directory itself.</exception>
    public static ReadOnlySpan<byte> HiddenName(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> hidden = name[Prefix.Length..];
        bool isName = !hidden.IsEmpty && !hidden.SequenceEqual("."u8) && !hidden.SequenceEqual(".."u8);
        return isName ? hidden : throw new InvalidDataException($"the whiteout {EntryName.Show(name)} names nothing");
    }

    /// <summary>True for overlayfs' whiteout, a character device 0/0.</summary>
    public static bool IsWhiteout(FileFacts facts) =>
        facts is { Kind: FileKind.CharacterDevice, DeviceMajor: 0, DeviceMinor: 0 };

    public static bool TryMake(DirectoryFd parent, ReadOnlySpan<byte> name) =>
        parent.TryMakeNode(name, FileKind.CharacterDevice, 0, 0, 0);

    public static void MakeOpaque(DirectoryFd directory)
    {
        if (!InodeAttributes.TrySetXattr(directory.Descriptor, "trusted.overlay.opaque"u8, "y"u8))
        {
            throw new ImageException(
                ImageErrorKind.FailedPrecondition,
                "the image store's file system does not take trusted.* extended attributes, which overlayfs needs: move the store to ext4, xfs or btrfs, and run as root");
        }
    }
}
