using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>
/// A streaming zlib decompressor (RFC 1950) that knows one preset dictionary. The BCL has no preset dictionaries. Its memory is
/// bounded (a window of 32 KiB); how much may come out is the caller's to bound. Not for use by two threads at once.
/// </summary>
public sealed unsafe class DictionaryInflater : IDisposable
{
    private readonly byte[] _dictionary;
    private Libz.ZStream* _stream;

    /// <exception cref="DllNotFoundException">libz.so.1 is not installed.</exception>
    public DictionaryInflater(byte[] dictionary)
    {
        _dictionary = dictionary;
        _stream = (Libz.ZStream*)NativeMemory.AllocZeroed((nuint)sizeof(Libz.ZStream));
        fixed (byte* version = Libz.Version)
        {
            if (Libz.InflateInit(_stream, version, sizeof(Libz.ZStream)) != Libz.Z_OK)
            {
                NativeMemory.Free(_stream);
                _stream = null;
                GC.SuppressFinalize(this);
                throw new LinuxException("inflateInit", null, Errno.ENOMEM);
            }
        }
    }

    ~DictionaryInflater() => Free();

    /// <summary>Decompresses as much as fits. Nothing consumed and nothing written means that more input is needed.</summary>
    /// <exception cref="InvalidDataException">The input is not zlib's, is corrupt, has ended, or wants another dictionary.</exception>
    public (int Consumed, int Written) Inflate(ReadOnlySpan<byte> input, Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_stream == null, this);
        fixed (byte* i = input, o = output, dictionary = _dictionary)
        {
            _stream->NextIn = i;
            _stream->AvailableIn = (uint)input.Length;
            _stream->NextOut = o;
            _stream->AvailableOut = (uint)output.Length;
            int result = Libz.Inflate(_stream, Libz.Z_SYNC_FLUSH);
            if (result == Libz.Z_NEED_DICT)
            {
                result = Libz.InflateSetDictionary(_stream, dictionary, (uint)_dictionary.Length);
                if (result == Libz.Z_OK)
                {
                    result = Libz.Inflate(_stream, Libz.Z_SYNC_FLUSH);
                }
            }

            if (result != Libz.Z_OK && result != Libz.Z_BUF_ERROR)
            {
                throw new InvalidDataException($"zlib: inflate returned {result}.");
            }

            return (input.Length - (int)_stream->AvailableIn, output.Length - (int)_stream->AvailableOut);
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
            _ = Libz.InflateEnd(_stream);
            NativeMemory.Free(_stream);
            _stream = null;
        }
    }
}
