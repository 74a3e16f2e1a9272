using System.Globalization;
using System.Text;

namespace CriRuntime.Linux;

/// <summary>How many descriptors a process has open, and how many of them are sockets (proc_pid_fd(5)).</summary>
public readonly unsafe record struct OpenDescriptors(int All, int Sockets)
{
    private const int BufferSize = 4096;
    private const int LengthOffset = 16;
    private const int NameOffset = 19;

    private static ReadOnlySpan<byte> SocketLink => "socket:["u8;

    /// <summary>
    /// Counts without allocating more than the path. A process that is gone, or that this one may not look into, has none.
    /// </summary>
    /// <param name="most">The count ends there: each descriptor costs a readlink(2).</param>
    public static OpenDescriptors Of(int pid, int most)
    {
        int directory = Open(pid);
        if (directory < 0)
            return default;
        try
        {
            return Count(directory, most);
        }
        finally
        {
            _ = Libc.Close(directory);
        }
    }

    private static int Open(int pid)
    {
        byte[] path = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fd\0"));
        fixed (byte* p = path)
            return Libc.OpenAt(Libc.AT_FDCWD, p, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
    }

    private static OpenDescriptors Count(int directory, int most)
    {
        byte* entries = stackalloc byte[BufferSize];
        int all = 0, sockets = 0;
        for (nint filled; (filled = Libc.GetDents64(directory, entries, BufferSize)) > 0;)
        {
            for (byte* entry = entries; entry < entries + filled; entry += *(ushort*)(entry + LengthOffset))
            {
                byte* name = entry + NameOffset;
                if (*name == (byte)'.')
                    continue;
                if (all == most)
                    return new(all, sockets);
                all++;
                sockets += IsSocket(directory, name) ? 1 : 0;
            }
        }

        return new(all, sockets);
    }

    private static bool IsSocket(int directory, byte* name)
    {
        byte* link = stackalloc byte[SocketLink.Length];
        nint length = Libc.ReadlinkAt(directory, name, link, (nuint)SocketLink.Length);
        return length == SocketLink.Length && new ReadOnlySpan<byte>(link, SocketLink.Length).SequenceEqual(SocketLink);
    }
}
