using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>A file without a name in memory (memfd_create(2)), for handing bytes to another process.</summary>
public static unsafe class MemoryFile
{
    /// <summary>Makes one that holds the bytes, positioned at its start.</summary>
    /// <param name="name">Shown in /proc/pid/fd; at most 249 bytes.</param>
    public static FileDescriptor Create(string name, ReadOnlySpan<byte> bytes)
    {
        FileDescriptor file = Gate.Open(Libc.MemFdCreate(name, Libc.MFD_CLOEXEC), "memfd_create", name);
        try
        {
            for (int written = 0; written < bytes.Length;)
                written += Write(file, bytes[written..], written);
            return file;
        }
        catch (LinuxException)
        {
            file.Dispose();
            throw;
        }
    }

    private static int Write(FileDescriptor file, ReadOnlySpan<byte> bytes, long offset)
    {
        nint written;
        fixed (byte* start = bytes)
        {
            do
                written = Libc.PWrite(file.Number, start, bytes.Length, offset);
            while (Gate.Interrupted(written));
        }

        return (int)Gate.Check(written, "pwrite", "memfd");
    }
}

/// <summary>memfd_create(2), pwrite(2).</summary>
internal static unsafe partial class Libc
{
    internal const uint MFD_CLOEXEC = 1;

    [LibraryImport(Name, EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int MemFdCreate(string name, uint flags);

    [LibraryImport(Name, EntryPoint = "pwrite", SetLastError = true)]
    internal static partial nint PWrite(int fd, byte* buffer, nint count, long offset);
}
