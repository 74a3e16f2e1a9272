namespace CriRuntime.Conmon.Logs;

/// <summary>Which of a container's outputs a log line came from.</summary>
internal enum LogStream
{
    Stdout,
    Stderr,
}

/// <summary>
/// The CRI log format (kubelet, pkg/kubelet/kuberuntime/logs): each line becomes
/// <c>TIMESTAMP stdout|stderr P|F CONTENT\n</c>. F ends a line; P is a part of one that goes on in the next entry of the
/// stream: a line longer than <see cref="MaxContent"/>, or output that ended without a newline. Content is copied byte
/// for byte. Knows nothing of files and pipes, and allocates nothing.
/// </summary>
internal static class CriLogFormat
{
    /// <summary>The most content bytes of an entry, as other CRI runtimes have it.</summary>
    internal const int MaxContent = 16 * 1024;

    /// <summary>Bytes of a prefix: timestamp, space, stream, space, tag, space.</summary>
    internal const int PrefixLength = CriTimestamp.Length + 10;

    /// <summary>The most bytes of one entry.</summary>
    internal const int MaxEntry = PrefixLength + MaxContent + 1;

    private const int TagOffset = PrefixLength - 2;

    /// <summary>Makes the prefix of full lines, <see cref="PrefixLength"/> bytes.</summary>
    internal static void WritePrefix(Span<byte> prefix, ReadOnlySpan<byte> timestamp, LogStream stream)
    {
        timestamp.CopyTo(prefix);
        ReadOnlySpan<byte> rest = stream == LogStream.Stdout ? " stdout F "u8 : " stderr F "u8;
        rest.CopyTo(prefix[CriTimestamp.Length..]);
    }

    /// <summary>
    /// Encodes as many entries as the input is sure to hold and the output has room for. What is left over is the
    /// beginning of a line; give it again with what follows it.
    /// </summary>
    /// <param name="input">Output of the container, from the beginning of an entry.</param>
    /// <param name="prefix">From <see cref="WritePrefix"/>.</param>
    /// <param name="output">At least <see cref="MaxEntry"/> bytes, so that something happens.</param>
    /// <param name="written">Bytes put into the output, always whole entries.</param>
    /// <returns>Bytes of input consumed. Nothing left over is longer than <see cref="MaxContent"/> unless the output was full.</returns>
    internal static int Encode(ReadOnlySpan<byte> input, ReadOnlySpan<byte> prefix, Span<byte> output, out int written)
    {
        int consumed = 0;
        written = 0;
        while (true)
        {
            ReadOnlySpan<byte> rest = input[consumed..];
            // One more than the content may be: a newline just after a full buffer still ends that line.
            int newline = rest[..Math.Min(rest.Length, MaxContent + 1)].IndexOf((byte)'\n');
            if (newline < 0 && rest.Length <= MaxContent)
                return consumed;
            int content = newline < 0 ? MaxContent : newline;
            if (output.Length - written < PrefixLength + content + 1)
                return consumed;
            written += WriteEntry(output[written..], prefix, rest[..content], full: newline >= 0);
            consumed += newline < 0 ? content : content + 1;
        }
    }

    /// <summary>Encodes what a stream ended with, 1 to <see cref="MaxContent"/> bytes without a newline. Returns the bytes written.</summary>
    internal static int EncodeLast(ReadOnlySpan<byte> input, ReadOnlySpan<byte> prefix, Span<byte> output) =>
        WriteEntry(output, prefix, input, full: false);

    /// <summary>The length of those whole entries, from the front, that fit into <paramref name="room"/> bytes.</summary>
    /// <param name="entries">Whole entries: a newline ends each, and is nowhere else.</param>
    internal static int WholeEntries(ReadOnlySpan<byte> entries, long room) =>
        entries.Length <= room ? entries.Length : entries[..(int)Math.Max(0, room)].LastIndexOf((byte)'\n') + 1;

    private static int WriteEntry(Span<byte> output, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> content, bool full)
    {
        prefix[..PrefixLength].CopyTo(output);
        if (!full)
            output[TagOffset] = (byte)'P';
        content.CopyTo(output[PrefixLength..]);
        output[PrefixLength + content.Length] = (byte)'\n';
        return PrefixLength + content.Length + 1;
    }
}
