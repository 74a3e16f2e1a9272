using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>Descriptors 0 to 2 for a program that does without the console classes.</summary>
public static unsafe class StandardStreams
{
    /// <summary>Writes to stderr, once; a failure has nowhere to go.</summary>
    public static void WriteError(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
            _ = Libc.Write(2, start, bytes.Length);
    }

    /// <summary>Makes stderr (and what the language runtime writes when it aborts) go to an open file.</summary>
    public static void RedirectError(FileDescriptor file) => Gate.Check(Libc.Dup2(file.Number, 2), "dup2");
}

/// <content>dup2(2).</content>
internal static partial class Libc
{
    [LibraryImport(Name, EntryPoint = "dup2", SetLastError = true)]
    internal static partial int Dup2(int fd, int newFd);
}
