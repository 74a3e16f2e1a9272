using System.Buffers.Text;

namespace CriRuntime.Linux;

/// <summary>The arguments that process listings show of this process (/proc/PID/cmdline).</summary>
public static unsafe class ProcessTitle
{
    /// <summary>arg_start and arg_end among the fields after the name (proc_pid_stat(5), fields 48 and 49).</summary>
    private const int ArgumentsStart = 45;

    /// <summary>
    /// Replaces the last of the process's arguments. It must have been started with one at least as long, which is how room is made; what
    /// is longer is left as it was. A listing is not worth failing for.
    /// </summary>
    public static void SetLastArgument(ReadOnlySpan<byte> value)
    {
        byte* first = stackalloc byte[1024];
        Span<byte> buffer = new(first, 1024);
        using FileDescriptor stat = Launching.HostFile.Open("/proc/self/stat", Launching.HostFileAccess.Read);
        ReadOnlySpan<byte> text = buffer[..stat.Read(buffer)];
        text = text[(text.LastIndexOf((byte)')') + 2)..];
        for (int field = 0; field < ArgumentsStart; field++)
            text = text[(text.IndexOf((byte)' ') + 1)..];
        if (!Utf8Parser.TryParse(text, out long start, out int read) || !Utf8Parser.TryParse(text[(read + 1)..], out long end, out _) || start == 0 || end <= start)
            return;
        Span<byte> arguments = new((void*)start, (int)(end - start - 1));
        Span<byte> last = arguments[(arguments.LastIndexOf((byte)0) + 1)..];
        if (value.Length > last.Length)
            return;
        last.Clear();
        value.CopyTo(last);
    }
}
