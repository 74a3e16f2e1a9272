using System.Globalization;
using System.Text;

namespace CriRuntime.Images.Layers.Tar;

/// <summary>
/// Writes a tar archive (POSIX ustar, pax(1)): what does not fit into a ustar header, long names, large numbers, attributes, comes before it in a
/// pax header. Names are bytes, as the kernel keeps them.
/// </summary>
internal sealed class TarWriter(Stream output)
{
    private const int NameLength = 100;
    private const int OctalId = 1 << 21;
    private const long OctalSize = 1L << 33;
    private readonly byte[] _block = new byte[TarHeader.BlockSize];

    /// <summary>Begins a member. As many bytes as its Length says must follow by <see cref="WriteContent"/>, then <see cref="EndContent"/>.</summary>
    public void Begin(TarEntry entry)
    {
        byte[] pax = PaxRecordsOf(entry);
        if (pax.Length > 0)
        {
            WriteHeader(new TarEntry { Kind = TarEntryKind.RegularFile, Name = "PaxHeaders/0"u8.ToArray(), Length = pax.Length, Permissions = 0x180 }, (byte)'x');
            output.Write(pax);
            Pad(pax.Length);
        }

        WriteHeader(entry, TypeOf(entry.Kind));
    }

    public void WriteContent(ReadOnlySpan<byte> bytes) => output.Write(bytes);

    /// <summary>Fills the member's last block.</summary>
    public void EndContent(TarEntry entry) => Pad(entry.Length);

    /// <summary>A member whose content is at hand.</summary>
    public void Write(TarEntry entry, ReadOnlySpan<byte> content)
    {
        entry.Length = content.Length;
        Begin(entry);
        WriteContent(content);
        EndContent(entry);
    }

    /// <summary>The end of the archive: two empty blocks.</summary>
    public void Complete()
    {
        Array.Clear(_block);
        output.Write(_block);
        output.Write(_block);
    }

    private void WriteHeader(TarEntry entry, byte type)
    {
        Array.Clear(_block);
        Put(0, NameLength, entry.Name.Span);
        Octal(100, 8, entry.Permissions);
        Octal(108, 8, entry.Uid < OctalId ? entry.Uid : 0);
        Octal(116, 8, entry.Gid < OctalId ? entry.Gid : 0);
        Octal(124, 12, entry.Length < OctalSize ? entry.Length : 0);
        Octal(136, 12, Math.Clamp(entry.ModifiedSeconds, 0, OctalSize - 1));
        _block.AsSpan(148, 8).Fill((byte)' ');
        _block[156] = type;
        Put(157, NameLength, entry.LinkName.Span);
        Put(257, 8, "ustar\000"u8);
        Octal(329, 8, entry.DeviceMajor);
        Octal(337, 8, entry.DeviceMinor);
        int sum = 0;
        foreach (byte b in _block)
        {
            sum += b;
        }

        Octal(148, 7, sum);
        output.Write(_block);
    }

    private static byte[] PaxRecordsOf(TarEntry entry)
    {
        using MemoryStream records = new();
        if (entry.Name.Length > NameLength)
        {
            Record(records, "path"u8, entry.Name.Span);
        }

        if (entry.LinkName.Length > NameLength)
        {
            Record(records, "linkpath"u8, entry.LinkName.Span);
        }

        Number(records, "uid"u8, entry.Uid, OctalId);
        Number(records, "gid"u8, entry.Gid, OctalId);
        Number(records, "size"u8, entry.Length, OctalSize);
        if (entry.ModifiedNanoseconds != 0 || entry.ModifiedSeconds is < 0 or >= OctalSize)
        {
            string time = string.Create(CultureInfo.InvariantCulture, $"{(decimal)entry.ModifiedSeconds + (entry.ModifiedNanoseconds / 1_000_000_000m):0.#########}");
            Record(records, "mtime"u8, Encoding.ASCII.GetBytes(time));
        }

        foreach (TarXattr xattr in entry.Xattrs)
        {
            Record(records, [.. "SCHILY.xattr."u8, .. xattr.Name.Span], xattr.Value.Span);
        }

        return records.ToArray();
    }

    private static void Number(Stream records, ReadOnlySpan<byte> key, long value, long limit)
    {
        if (value >= limit)
        {
            Record(records, key, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>"length key=value\n", where the length counts its own digits.</summary>
    private static void Record(Stream records, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        int rest = key.Length + value.Length + 3;
        int length = rest + Digits(rest);
        length = rest + Digits(length);
        records.Write(Encoding.ASCII.GetBytes(length.ToString(CultureInfo.InvariantCulture)));
        records.Write(" "u8);
        records.Write(key);
        records.Write("="u8);
        records.Write(value);
        records.Write("\n"u8);
    }

    private static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;

    private static byte TypeOf(TarEntryKind kind) => kind switch
    {
        TarEntryKind.HardLink => (byte)'1',
        TarEntryKind.SymbolicLink => (byte)'2',
        TarEntryKind.CharacterDevice => (byte)'3',
        TarEntryKind.BlockDevice => (byte)'4',
        TarEntryKind.Directory => (byte)'5',
        TarEntryKind.Fifo => (byte)'6',
        _ => (byte)'0',
    };

    private void Pad(long length)
    {
        Span<byte> zeros = stackalloc byte[TarHeader.BlockSize];
        zeros.Clear();
        output.Write(zeros[..(int)(-length & (TarHeader.BlockSize - 1))]);
    }

    private void Put(int offset, int length, ReadOnlySpan<byte> text) => text[..Math.Min(text.Length, length)].CopyTo(_block.AsSpan(offset));

    private void Octal(int offset, int length, long value)
    {
        for (int i = length - 2; i >= 0; i--)
        {
            _block[offset + i] = (byte)('0' + (value & 7));
            value >>= 3;
        }
    }
}
