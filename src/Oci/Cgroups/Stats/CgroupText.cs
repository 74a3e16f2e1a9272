using System.Buffers.Text;

namespace CriRuntime.Oci.Cgroups.Stats;

/// <summary>Reads numbers out of the text of cgroup files, in place.</summary>
internal static class CgroupText
{
    /// <summary>What v1 writes for "no limit" is the largest page-aligned count; everything near it counts as unlimited.</summary>
    private const ulong NearlyUnlimited = 0x7fff_ffff_0000_0000;

    /// <summary>The number that the text starts with; null for <c>max</c> and anything else.</summary>
    internal static ulong? Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out ulong value, out _) ? value : null;

    /// <summary>As <see cref="Number"/>, and null where the kernel means "unlimited".</summary>
    internal static ulong? Limit(ReadOnlySpan<byte> text) => Number(text) is { } value ? Limited(value) : null;

    /// <summary>Null where the kernel means "unlimited".</summary>
    internal static ulong? Limited(ulong value) => value < NearlyUnlimited ? value : null;

    /// <summary>The next line without its newline; false at the end.</summary>
    internal static bool NextLine(ref ReadOnlySpan<byte> text, out ReadOnlySpan<byte> line)
    {
        int end = text.IndexOf((byte)'\n');
        line = end < 0 ? text : text[..end];
        text = end < 0 ? default : text[(end + 1)..];
        return line.Length > 0;
    }

    /// <summary>The number after <paramref name="key"/> at the start of a line <c>key value</c>.</summary>
    internal static bool TryValue(ReadOnlySpan<byte> line, ReadOnlySpan<byte> key, ref ulong value)
    {
        if (line.Length <= key.Length || line[key.Length] != (byte)' ' || !line.StartsWith(key))
            return false;
        return Utf8Parser.TryParse(line[(key.Length + 1)..], out value, out _);
    }

    /// <summary>The number after <c>key=</c> anywhere in a line of <c>key=value</c> words.</summary>
    internal static ulong Pair(ReadOnlySpan<byte> line, ReadOnlySpan<byte> key)
    {
        for (int at; (at = line.IndexOf(key)) >= 0; line = line[(at + key.Length)..])
        {
            bool wordStart = at == 0 || line[at - 1] == (byte)' ';
            ReadOnlySpan<byte> rest = line[(at + key.Length)..];
            if (wordStart && rest.Length > 1 && rest[0] == (byte)'=')
                return Number(rest[1..]) ?? 0;
        }
        return 0;
    }
}
