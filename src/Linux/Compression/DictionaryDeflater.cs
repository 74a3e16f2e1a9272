using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>
/// A zlib compressor (RFC 1950) with a preset dictionary whose output ends on a byte boundary after each block, so that each
/// can be framed and inflated by itself, in order. The BCL has no preset dictionaries. Not for use by two threads at once.
/// </summary>
public sealed unsafe class DictionaryDeflater : IDisposable
{
    // A small window and hash: about 16 KiB instead of 256 KiB, and headers need no more.
    private const int WindowBits = 11;
    private const int MemoryLevel = 1;
    private Libz.ZStream* _stream;

    /// <param name="dictionary">At most 2 KiB have an effect.</param>
    /// <exception cref="DllNotFoundException">libz.so.1 is not installed.</exception>
    public DictionaryDeflater(ReadOnlySpan<byte> dictionary)
    {
        _stream = (Libz.ZStream*)NativeMemory.AllocZeroed((nuint)sizeof(Libz.ZStream));
        fixed (byte* version = Libz.Version, words = dictionary)
        {
            int result = Libz.DeflateInit2(_stream, Libz.Z_BEST_SPEED, Libz.Z_DEFLATED, WindowBits, MemoryLevel, Libz.Z_DEFAULT_STRATEGY, version, sizeof(Libz.ZStream));
            if (result != Libz.Z_OK)
            {
                NativeMemory.Free(_stream);
                _stream = null;
                GC.SuppressFinalize(this);
                throw new LinuxException("deflateInit2", null, Errno.ENOMEM);
            }

            _ = Libz.DeflateSetDictionary(_stream, words, (uint)dictionary.Length);
        }
    }

    ~DictionaryDeflater() => Free();

    /// <summary>The size of output that surely holds a block of <paramref name="length"/> bytes.</summary>
    public static int MaximumOutput(int length) => length + (length / 256) + 64;

    /// <summary>Compresses a whole block and flushes it.</summary>
    /// <param name="output">At least <see cref="MaximumOutput"/> of the block's length.</param>
    /// <returns>The bytes written.</returns>
    public int Deflate(ReadOnlySpan<byte> block, Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_stream == null, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(output.Length, MaximumOutput(block.Length), nameof(output));
        fixed (byte* i = block, o = output)
        {
            _stream->NextIn = i;
            _stream->AvailableIn = (uint)block.Length;
            _stream->NextOut = o;
            _stream->AvailableOut = (uint)output.Length;
            int result = Libz.Deflate(_stream, Libz.Z_SYNC_FLUSH);
            if ((result != Libz.Z_OK && result != Libz.Z_BUF_ERROR) || _stream->AvailableIn != 0 || _stream->AvailableOut == 0)
            {
                throw new InvalidOperationException($"zlib: deflate returned {result}.");
            }

            return output.Length - (int)_stream->AvailableOut;
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_stream != null)
        {
            _ = Libz.DeflateEnd(_stream);
            NativeMemory.Free(_stream);
            _stream = null;
        }
    }
}
