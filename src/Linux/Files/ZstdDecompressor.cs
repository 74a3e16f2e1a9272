using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>
/// A streaming Zstandard decompressor (libzstd.so.1; RFC 8878). Frames that follow one another are one stream. The window
/// is limited to 128 MiB, libzstd's default, which bounds the memory.
/// </summary>
public sealed unsafe partial class ZstdDecompressor : IDisposable
{
    private const string Library = "libzstd.so.1";
    private nint _stream;

    /// <exception cref="DllNotFoundException">libzstd.so.1 is not installed.</exception>
    public ZstdDecompressor()
    {
        _stream = Create();
        if (_stream == 0)
        {
            throw new LinuxException("ZSTD_createDStream", null, Errno.ENOMEM);
        }
    }

    ~ZstdDecompressor() => Free();

    /// <summary>True after the last call ended on the boundary of a frame: input that ends elsewhere is truncated.</summary>
    public bool AtFrameEnd { get; private set; } = true;

    /// <summary>Decompresses as much as fits.</summary>
    /// <exception cref="InvalidDataException">The input is not Zstandard, or is corrupt.</exception>
    public (int Consumed, int Written) Decompress(ReadOnlySpan<byte> input, Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_stream == 0, this);
        fixed (byte* i = input, o = output)
        {
            var source = new ZstdBuffer { Start = (nint)i, Size = (nuint)input.Length };
            var target = new ZstdBuffer { Start = (nint)o, Size = (nuint)output.Length };
            nuint result = DecompressStream(_stream, &target, &source);
            if (IsError(result) != 0)
            {
                throw new InvalidDataException($"zstd: {Marshal.PtrToStringUTF8(ErrorName(result))}");
            }

            AtFrameEnd = result == 0;
            return ((int)source.Position, (int)target.Position);
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        nint stream = Interlocked.Exchange(ref _stream, 0);
        if (stream != 0)
        {
            _ = Free(stream);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ZstdBuffer
    {
        internal nint Start;
        internal nuint Size;
        internal nuint Position;
    }

    [LibraryImport(Library, EntryPoint = "ZSTD_createDStream")]
    private static partial nint Create();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDStream")]
    private static partial nuint Free(nint stream);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressStream")]
    private static partial nuint DecompressStream(nint stream, ZstdBuffer* output, ZstdBuffer* input);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    private static partial uint IsError(nuint code);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorName")]
    private static partial nint ErrorName(nuint code);
}
