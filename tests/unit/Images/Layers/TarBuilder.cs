using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace CriRuntime.Images.Tests.Layers;

/// <summary>Writes tars by hand, so that tests can say what no honest tar would.</summary>
internal sealed class TarBuilder
{
    private readonly List<byte> _tar = [];

    public TarBuilder File(string name, string content = "", int mode = 0b110_100_100, int uid = 0, int gid = 0, long mtime = 1_000_000_000) =>
        Member('0', name, Encoding.UTF8.GetBytes(content), mode: mode, uid: uid, gid: gid, mtime: mtime);

    public TarBuilder Directory(string name, int mode = 0b111_101_101, int uid = 0, int gid = 0, long mtime = 1_000_000_000) =>
        Member('5', name, mode: mode, uid: uid, gid: gid, mtime: mtime);

    public TarBuilder Symlink(string name, string target) => Member('2', name, link: target);

    public TarBuilder HardLink(string name, string target) => Member('1', name, link: target);

    public TarBuilder Device(string name, int major, int minor, char type = '3') => Member(type, name, major: major, minor: minor);

    public TarBuilder Pax(params (string Key, string Value)[] records) => PaxBytes('x', [.. records.Select(r => (r.Key, Encoding.UTF8.GetBytes(r.Value)))]);

    public TarBuilder PaxBytes(char type, params (string Key, byte[] Value)[] records)
    {
        var content = new MemoryStream();
        foreach ((string key, byte[] value) in records)
        {
            int rest = key.Length + value.Length + 3;
            int length = rest + 1;
            while (length != rest + length.ToString(CultureInfo.InvariantCulture).Length)
            {
                length = rest + length.ToString(CultureInfo.InvariantCulture).Length;
            }

            content.Write(Encoding.UTF8.GetBytes($"{length} {key}="));
            content.Write(value);
            content.WriteByte((byte)'\n');
        }

        return Member(type, "pax", content.ToArray());
    }

    /// <param name="size">What the header claims; by default the content's length.</param>
    public TarBuilder Member(
        char type, string name, byte[]? content = null, string link = "", int mode = 0b111_101_101, long uid = 0, long gid = 0,
        long mtime = 1_000_000_000, int major = 0, int minor = 0, long? size = null)
    {
        byte[] header = new byte[512];
        Text(header, 0, 100, name);
        Octal(header, 100, 8, mode);
        Octal(header, 108, 8, uid);
        Octal(header, 116, 8, gid);
        Octal(header, 124, 12, size ?? content?.Length ?? 0);
        Octal(header, 136, 12, mtime);
        header[156] = (byte)type;
        Text(header, 157, 100, link);
        Text(header, 257, 6, "ustar");
        Text(header, 263, 2, "00");
        Octal(header, 329, 8, major);
        Octal(header, 337, 8, minor);
        return Block(header).Content(content ?? []);
    }

    /// <summary>A header of any bytes; its checksum is set.</summary>
    public TarBuilder Block(byte[] header)
    {
        header.AsSpan(148, 8).Fill((byte)' ');
        Text(header, 148, 8, Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0 ");
        _tar.AddRange(header);
        return this;
    }

    public TarBuilder Content(byte[] content)
    {
        _tar.AddRange(content);
        _tar.AddRange(new byte[-content.Length & 511]);
        return this;
    }

    public byte[] Unfinished() => [.. _tar];

    public byte[] ToArray() => [.. _tar, .. new byte[1024]];

    public byte[] ToGzip() => Gzip(ToArray());

    public static byte[] Gzip(byte[] data)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(data);
        }

        return compressed.ToArray();
    }

    /// <summary>A Zstandard frame of uncompressed blocks (RFC 8878, 3.1.1).</summary>
    public static byte[] Zstd(byte[] data)
    {
        const int BlockSize = 100_000;
        List<byte> frame = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x50];
        for (int start = 0; start < data.Length; start += BlockSize)
        {
            byte[] block = data[start..Math.Min(data.Length, start + BlockSize)];
            int last = start + block.Length == data.Length ? 1 : 0;
            int header = (block.Length << 3) | last;
            frame.AddRange([(byte)header, (byte)(header >> 8), (byte)(header >> 16), .. block]);
        }

        return [.. frame];
    }

    private static void Text(byte[] block, int offset, int length, string text) =>
        Encoding.UTF8.GetBytes(text).AsSpan()[..Math.Min(length, Encoding.UTF8.GetByteCount(text))].CopyTo(block.AsSpan(offset));

    private static void Octal(byte[] block, int offset, int length, long value) =>
        Text(block, offset, length, Convert.ToString(value, 8).PadLeft(length - 1, '0'));
}
