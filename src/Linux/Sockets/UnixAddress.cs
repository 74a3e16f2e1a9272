using System.Text;

namespace CriRuntime.Linux;

/// <summary>struct sockaddr_un for a name in an open directory: sun_path holds 107 bytes, a state directory's path may not fit.</summary>
internal static unsafe class UnixAddress
{
    internal const int Size = 110;

    internal static uint Write(byte* address, FileDescriptor directory, string name)
    {
        *(ushort*)address = Libc.AF_UNIX;
        string path = $"/proc/self/fd/{directory.Number}/{name}";
        Span<byte> room = new(address + 2, Size - 2);
        room.Clear();
        if (Encoding.UTF8.GetByteCount(path) >= room.Length)
            throw new LinuxException("bind", path, Errno.ENAMETOOLONG);
        return (uint)(2 + Encoding.UTF8.GetBytes(path, room) + 1);
    }
}
