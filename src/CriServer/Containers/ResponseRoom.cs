using System.Text;

namespace CriRuntime.CriServer.Containers;

/// <summary>
/// Both streams of an ExecSync must fit one message: the kubelet's client takes 16 MiB. The stream that needs less than its half
/// leaves the rest to the other.
/// </summary>
internal static class ResponseRoom
{
    /// <summary>16 MiB less room for the two notices and the message's own fields.</summary>
    internal const int Bytes = (16 << 20) - 4096;

    /// <returns>How many bytes of each stream to keep.</returns>
    internal static (int Stdout, int Stderr) Share(int stdout, int stderr, int room = Bytes)
    {
        int errors = Math.Min(stderr, Math.Max(room / 2, room - stdout));
        return (Math.Min(stdout, room - errors), errors);
    }

    /// <summary>The first <paramref name="room"/> bytes, and a notice when that, or what was collected, is not all.</summary>
    internal static byte[] Cut(byte[] content, int room, bool truncatedBefore, string stream)
    {
        if (content.Length <= room && !truncatedBefore)
            return content;
        int kept = Math.Min(content.Length, room);
        return [.. content.AsSpan(0, kept), .. Encoding.UTF8.GetBytes($"\n[{stream} is truncated: only the first {kept} bytes are kept]\n")];
    }
}
