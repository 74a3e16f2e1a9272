using System.Buffers.Text;
using System.Text;

namespace CriRuntime.Conmon.Protocol;

/// <summary>
/// A container's end on disk, in <c>exits/ID</c> of the pod's directory: one line
/// <c>v1 EXITCODE SIGNAL OOM FINISHED\n</c>, in decimal, OOM 0 or 1, FINISHED in nanoseconds since the epoch.
/// It appears by rename before the end is announced, so it is there whole or not at all, whatever happened to the monitor.
/// </summary>
public static class ExitRecord
{
    /// <summary>The directory of the records in a pod's directory.</summary>
    public const string DirectoryName = "exits";

    private const int MaxLength = 64;

    /// <summary>Writes the line into the buffer (64 bytes are enough). Returns its length.</summary>
    public static int Format(ContainerExit exit, Span<byte> buffer)
    {
        "v1"u8.CopyTo(buffer);
        int length = 2;
        Append(buffer, ref length, exit.ExitCode);
        Append(buffer, ref length, exit.Signal);
        Append(buffer, ref length, exit.OomKilled ? 1 : 0);
        Append(buffer, ref length, exit.FinishedAt);
        buffer[length++] = (byte)'\n';
        return length;
    }

    /// <summary>Reads a line.</summary>
    /// <exception cref="FormatException">It is torn, of another version, or its numbers are out of range; the message names the container.</exception>
    public static ContainerExit Parse(string id, ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = line;
        if (line.Length is > 0 and <= MaxLength && line[^1] == '\n' && rest.StartsWith("v1 "u8))
        {
            rest = rest[2..^1];
            if (Next(ref rest, 255, out long code) && Next(ref rest, 64, out long signal) && Next(ref rest, 1, out long oom)
                && Next(ref rest, long.MaxValue, out long finished) && rest.IsEmpty)
            {
                return new ContainerExit(id, (int)code, (int)signal, oom == 1, finished);
            }
        }

        string shown = Encoding.ASCII.GetString(line[..Math.Min(line.Length, MaxLength)]);
        throw new FormatException($"the exit record of container {id} cannot be read: \"{shown.TrimEnd()}\"");
    }

    /// <summary>The record of a container, or null when there is none.</summary>
    /// <exception cref="FormatException">See <see cref="Parse"/>.</exception>
    public static ContainerExit? Read(string podDirectory, string id)
    {
        string path = Path.Combine(podDirectory, DirectoryName, id);
        try
        {
            return Parse(id, File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static void Append(Span<byte> buffer, ref int length, long value)
    {
        buffer[length++] = (byte)' ';
        // Room for 64 bytes is the caller's promise, so this cannot fail.
        Utf8Formatter.TryFormat(value, buffer[length..], out int written);
        length += written;
    }

    private static bool Next(ref ReadOnlySpan<byte> rest, long maximum, out long value)
    {
        value = 0;
        if (rest.Length < 2 || rest[0] != ' ' || !char.IsAsciiDigit((char)rest[1]))
            return false;
        if (!Utf8Parser.TryParse(rest[1..], out value, out int consumed) || value > maximum)
            return false;
        rest = rest[(consumed + 1)..];
        return true;
    }
}
