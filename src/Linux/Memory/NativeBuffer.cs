namespace CriRuntime.Linux;

/// <summary>Anonymous memory outside the managed heap that costs nothing until touched, and nothing again after <see cref="Release"/>.</summary>
public sealed unsafe class NativeBuffer : IDisposable
{
    private readonly int _length;
    private byte* _start;

    /// <summary>Maps <paramref name="length"/> bytes, rounded up to pages by the kernel.</summary>
    public NativeBuffer(int length)
    {
        nint start = Libc.MemoryMap(0, length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS, -1, 0);
        // MAP_FAILED is -1.
        Gate.Check((long)start, "mmap");
        _start = (byte*)start;
        _length = length;
    }

    /// <summary>All of it. Must not be used after Dispose.</summary>
    public Span<byte> Span => new(_start, _length);

    /// <summary>Gives the pages back to the kernel; the bytes read as zero afterwards.</summary>
    public void Release() => Gate.Check(Libc.MemoryAdvise((nint)_start, _length, Libc.MADV_DONTNEED), "madvise");

    public void Dispose()
    {
        if (_start is null)
            return;
        Gate.Check(Libc.MemoryUnmap((nint)_start, _length), "munmap");
        _start = null;
    }
}
