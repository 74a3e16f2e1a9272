using System.Globalization;

namespace CriRuntime.Linux;

/// <summary>What this process has mapped of its program and libraries.</summary>
public static class MappedFiles
{
    /// <summary>
    /// Lets go of code and constants that are in memory (madvise(2), MADV_DONTNEED). They stay in the page cache, and what is used again is
    /// mapped again, which costs a minor fault per 64 kB; what only the start needed is gone. Mappings that can be written, or ever were
    /// (the loader's relocations), are left alone. Where the list of mappings cannot be read nothing is done.
    /// </summary>
    public static void Release()
    {
        try
        {
            Release(File.ReadLines("/proc/self/smaps"));
        }
        catch (IOException)
        {
            // Without /proc, or while it changes: memory then stays as it is, which is only a matter of size.
        }
    }

    /// <summary>A mapping's line, its fields, and among them <c>Anonymous:</c>, which counts pages that are copies of the file's.</summary>
    private static void Release(IEnumerable<string> smaps)
    {
        (ulong start, ulong end) = (0, 0);
        foreach (string line in smaps)
        {
            if (char.IsAsciiHexDigitLower(line[0]))
                (start, end) = IsUnwrittenFile(line) ? Range(line) : default;
            else if (end > 0 && line.StartsWith("Anonymous:", StringComparison.Ordinal) && line.EndsWith(" 0 kB", StringComparison.Ordinal))
                _ = Libc.MemoryAdvise((nint)start, (nint)(end - start), Libc.MADV_DONTNEED); // advice: a refusal changes nothing
        }
    }

    /// <summary>Such as <c>00405000-00f1f000 r-xp 00005000 fe:00 5596633 /usr/bin/criruntime</c>.</summary>
    private static bool IsUnwrittenFile(string line)
    {
        int permissions = line.IndexOf(' ', StringComparison.Ordinal) + 1;
        return line[permissions] == 'r' && line[permissions + 1] == '-' && line[permissions + 3] == 'p' && line.Contains(" /", StringComparison.Ordinal);
    }

    private static (ulong Start, ulong End) Range(string line)
    {
        int dash = line.IndexOf('-', StringComparison.Ordinal);
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        return (ulong.Parse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            ulong.Parse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
