namespace CriRuntime.Images.Layers.Tar;

/// <summary>The fields of one 512-byte header block: v7, POSIX ustar, GNU and star (tar(5)).</summary>
internal readonly ref struct TarHeader
{
    public const int BlockSize = 512;
    private const int ChecksumOffset = 148;
    private const int ChecksumLength = 8;

    private readonly ReadOnlySpan<byte> _block;

    /// <exception cref="InvalidDataException">The checksum is wrong: this is no header.</exception>
    public TarHeader(ReadOnlySpan<byte> block)
    {
        _block = block;
        VerifyChecksum();
    }

    public byte Type => _block[156];

    public long Mode => TarNumber.Field(_block.Slice(100, 8), "mode");

    public long Uid => TarNumber.Field(_block.Slice(108, 8), "uid");

    public long Gid => TarNumber.Field(_block.Slice(116, 8), "gid");

    public long Size => TarNumber.Field(_block.Slice(124, 12), "size");

    public long Modified => TarNumber.Field(_block.Slice(136, 12), "mtime");

    public ReadOnlySpan<byte> LinkName => Text(157, 100);

    public long DeviceMajor => IsUstarOrGnu ? TarNumber.Field(_block.Slice(329, 8), "devmajor") : 0;

    public long DeviceMinor => IsUstarOrGnu ? TarNumber.Field(_block.Slice(337, 8), "devminor") : 0;

    /// <summary>GNU sparse files: four (offset, length) pairs of 12 digits, then whether extension blocks follow, then the real size.</summary>
    public ReadOnlySpan<byte> SparsePairs => _block.Slice(386, 96);

    public bool SparseIsExtended => _block[482] != 0;

    public long SparseRealSize => TarNumber.Field(_block.Slice(483, 12), "real size");

    private bool IsUstarOrGnu => _block.Slice(257, 5).SequenceEqual("ustar"u8);

    private bool IsPosix => _block.Slice(257, 6).SequenceEqual("ustar\0"u8);

    public static bool IsZero(ReadOnlySpan<byte> block) => !block.ContainsAnyExcept((byte)0);

    /// <summary>The name, joined from the ustar prefix where there is one.</summary>
    public byte[] Name()
    {
        ReadOnlySpan<byte> name = Text(0, 100);
        if (!IsPosix)
        {
            return name.ToArray();
        }

        bool isStar = _block.Slice(508, 4).SequenceEqual("tar\0"u8);
        ReadOnlySpan<byte> prefix = Text(345, isStar ? 131 : 155);
        return prefix.IsEmpty ? name.ToArray() : [.. prefix, (byte)'/', .. name];
    }

    private ReadOnlySpan<byte> Text(int offset, int length)
    {
        ReadOnlySpan<byte> field = _block.Slice(offset, length);
        int end = field.IndexOf((byte)0);
        return end < 0 ? field : field[..end];
    }

    private void VerifyChecksum()
    {
        long told = TarNumber.Field(_block.Slice(ChecksumOffset, ChecksumLength), "checksum");
        long unsigned = 0;
        long signed = 0; // what some historic tars wrote
        for (int i = 0; i < BlockSize; i++)
        {
            byte value = i is >= ChecksumOffset and < ChecksumOffset + ChecksumLength ? (byte)' ' : _block[i];
            unsigned += value;
            signed += (sbyte)value;
        }

        if (told != unsigned && told != signed)
        {
            throw new InvalidDataException("tar: a header's checksum is wrong");
        }
    }
}
