namespace CriRuntime.Images.Layers.Tar;

/// <summary>What a header says of its member, together with the extended headers before it.</summary>
internal sealed partial class TarReader
{
    private void Describe(TarHeader header, ReadOnlyMemory<byte> name)
    {
        TarEntryKind kind = KindOf(header.Type, name.Span);
        bool isLink = kind is TarEntryKind.HardLink or TarEntryKind.SymbolicLink;
        bool isDevice = kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice;
        _entry.Kind = kind;
        _entry.Name = name;
        _entry.LinkName = isLink ? _pax.LinkPath ?? header.LinkName.ToArray() : default;
        _entry.Permissions = (uint)header.Mode & 0xFFF;
        _entry.Uid = NotNegative(_pax.Uid ?? header.Uid, "uid");
        _entry.Gid = NotNegative(_pax.Gid ?? header.Gid, "gid");
        (_entry.ModifiedSeconds, _entry.ModifiedNanoseconds) = _pax.Modified ?? (header.Modified, 0);
        _entry.DeviceMajor = isDevice ? DeviceNumber(header.DeviceMajor, 0xFFF) : 0;
        _entry.DeviceMinor = isDevice ? DeviceNumber(header.DeviceMinor, 0xFFFFF) : 0;
        _entry.Xattrs = _pax.Xattrs;
    }

    private static TarEntryKind KindOf(byte type, ReadOnlySpan<byte> name) => type switch
    {
        (byte)'0' or 0 or (byte)'7' => name.EndsWith("/"u8) ? TarEntryKind.Directory : TarEntryKind.RegularFile, // v7 has no type for directories
        (byte)'S' => TarEntryKind.RegularFile,
        (byte)'1' => TarEntryKind.HardLink,
        (byte)'2' => TarEntryKind.SymbolicLink,
        (byte)'3' => TarEntryKind.CharacterDevice,
        (byte)'4' => TarEntryKind.BlockDevice,
        (byte)'5' => TarEntryKind.Directory,
        (byte)'6' => TarEntryKind.Fifo,
        _ => throw new InvalidDataException($"tar: unknown type of member 0x{type:x2}"),
    };

    private static void RefuseData(long size)
    {
        if (size != 0)
        {
            throw new InvalidDataException("tar: a volume label with data");
        }
    }

    private static long NotNegative(long value, string what) =>
        value >= 0 ? value : throw new InvalidDataException($"tar: a negative {what}");

    private static uint DeviceNumber(long value, uint limit) =>
        value >= 0 && value <= limit ? (uint)value : throw new InvalidDataException("tar: a device number is out of range");
}
