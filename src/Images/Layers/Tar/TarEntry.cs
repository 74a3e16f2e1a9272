namespace CriRuntime.Images.Layers.Tar;

/// <summary>What a tar entry stands for.</summary>
public enum TarEntryKind
{
    RegularFile,
    HardLink,
    SymbolicLink,
    CharacterDevice,
    BlockDevice,
    Directory,
    Fifo,
}

/// <summary>An extended attribute of an entry (pax <c>SCHILY.xattr.*</c>).</summary>
public readonly record struct TarXattr(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Value);

/// <summary>
/// One member of an archive, all headers that speak of it taken together. Names are bytes as they stand in the archive: nothing
/// is cleaned or checked. Valid until the visitor's <see cref="ITarVisitor.End"/> returns.
/// </summary>
public sealed class TarEntry
{
    public TarEntryKind Kind { get; internal set; }

    public ReadOnlyMemory<byte> Name { get; internal set; }

    /// <summary>The target of a hard or symbolic link; empty for others.</summary>
    public ReadOnlyMemory<byte> LinkName { get; internal set; }

    /// <summary>The low twelve mode bits.</summary>
    public uint Permissions { get; internal set; }

    /// <summary>Not negative; may exceed what a kernel takes.</summary>
    public long Uid { get; internal set; }

    /// <inheritdoc cref="Uid"/>
    public long Gid { get; internal set; }

    /// <summary>The file's length in bytes with its holes; 0 for all but regular files.</summary>
    public long Length { get; internal set; }

    public long ModifiedSeconds { get; internal set; }

    /// <summary>0 to 999,999,999.</summary>
    public uint ModifiedNanoseconds { get; internal set; }

    public uint DeviceMajor { get; internal set; }

    public uint DeviceMinor { get; internal set; }

    public IReadOnlyList<TarXattr> Xattrs { get; internal set; } = [];
}
