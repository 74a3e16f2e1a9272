namespace CriRuntime.Linux;

/// <summary>Whole contents of descriptors that allow pread(2), wherever their offset stands.</summary>
public static class DescriptorContent
{
    /// <summary>Reads everything.</summary>
    /// <exception cref="LinuxException">EFBIG: more than <paramref name="limit"/> bytes.</exception>
    public static byte[] ReadAllBytes(this FileDescriptor fd, int limit)
    {
        byte[] bytes = new byte[Math.Min(4096, limit + 1)];
        int length = 0;
        while (true)
        {
            int read = fd.ReadAt(bytes.AsSpan(length), length);
            if (read == 0)
                return length == bytes.Length ? bytes : bytes[..length];
            length += read;
            if (length > limit)
                throw new LinuxException("pread", null, Errno.EFBIG);
            if (length == bytes.Length)
                Array.Resize(ref bytes, (int)Math.Min((long)bytes.Length * 4, limit + 1L));
        }
    }
}
