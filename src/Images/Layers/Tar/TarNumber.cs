using System.Buffers.Binary;
using System.Buffers.Text;

namespace CriRuntime.Images.Layers.Tar;

/// <summary>The numbers of tar headers: octal text, base-256 for what does not fit it, decimal text in pax records.</summary>
internal static class TarNumber
{
    /// <summary>A header field: octal digits within blanks and NULs (empty is 0), or big-endian two's complement when the first bit is set.</summary>
    /// <exception cref="InvalidDataException">Neither, or beyond 64 bits.</exception>
    public static long Field(ReadOnlySpan<byte> field, string what)
    {
        if ((field[0] & 0x80) != 0)
        {
            return Base256(field, what);
        }

        field = field.Trim(" \0"u8);
        long value = 0;
        foreach (byte digit in field)
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                throw new InvalidDataException($"tar: the {what} field is not octal");
            }

            value = (value << 3) | (uint)(digit - '0');
        }

        return value;
    }

    /// <summary>Decimal digits only.</summary>
    /// <exception cref="InvalidDataException">Not a number from 0 to 2^63-1.</exception>
    public static long Decimal(ReadOnlySpan<byte> text, string what)
    {
        bool isNumber = Utf8Parser.TryParse(text, out long value, out int used) && used == text.Length && value >= 0;
        return isNumber ? value : throw new InvalidDataException($"tar: {what} is not a decimal number");
    }

    /// <summary>Seconds since 1970 with an optional sign and fraction, rounded down to nanoseconds.</summary>
    public static (long Seconds, uint Nanoseconds) Time(ReadOnlySpan<byte> text)
    {
        int dot = text.IndexOf((byte)'.');
        ReadOnlySpan<byte> whole = dot < 0 ? text : text[..dot];
        ReadOnlySpan<byte> fraction = dot < 0 ? default : text[(dot + 1)..];
        bool negative = whole.StartsWith("-"u8);
        long seconds = Decimal(negative ? whole[1..] : whole, "mtime");
        uint nanoseconds = 0;
        for (int i = 0; i < 9; i++)
        {
            uint digit = i < fraction.Length ? (uint)(fraction[i] - '0') : 0;
            nanoseconds = digit <= 9 ? (nanoseconds * 10) + digit : throw new InvalidDataException("tar: mtime is not a decimal number");
        }

        if (!negative)
        {
            return (seconds, nanoseconds);
        }

        return nanoseconds == 0 ? (-seconds, 0) : (-seconds - 1, 1_000_000_000 - nanoseconds);
    }

    private static long Base256(ReadOnlySpan<byte> field, string what)
    {
        bool negative = (field[0] & 0x40) != 0;
        byte filler = negative ? (byte)0xFF : (byte)0;
        Span<byte> bytes = stackalloc byte[16];
        bytes.Fill(filler);
        field.CopyTo(bytes[(16 - field.Length)..]);
        bytes[16 - field.Length] = (byte)(negative ? field[0] | 0x80 : field[0] & 0x7F);
        bool fits = !bytes[..8].ContainsAnyExcept(filler) && (bytes[8] & 0x80) == (filler & 0x80);
        return fits ? BinaryPrimitives.ReadInt64BigEndian(bytes[8..]) : throw new InvalidDataException($"tar: the {what} field is too large");
    }
}
