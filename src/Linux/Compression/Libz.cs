using System.Runtime.InteropServices;

namespace CriRuntime.Linux;

/// <summary>The floor of libz.so.1: bare calls and the structure of zlib.h.</summary>
internal static unsafe partial class Libz
{
    private const string Library = "libz.so.1";

    internal const int Z_OK = 0;
    internal const int Z_STREAM_END = 1;
    internal const int Z_NEED_DICT = 2;
    internal const int Z_BUF_ERROR = -5;
    internal const int Z_SYNC_FLUSH = 2;
    internal const int Z_DEFLATED = 8;
    internal const int Z_BEST_SPEED = 1;
    internal const int Z_DEFAULT_STRATEGY = 0;

    /// <summary>What zlib checks against the version that it was compiled as: only the first character counts.</summary>
    internal static ReadOnlySpan<byte> Version => "1.2.11\0"u8;

    /// <summary><c>z_stream</c> on 64-bit Linux. zlib keeps its address, so that it must not move.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ZStream
    {
        internal byte* NextIn;
        internal uint AvailableIn;
        internal nuint TotalIn;
        internal byte* NextOut;
        internal uint AvailableOut;
        internal nuint TotalOut;
        internal byte* Message;
        internal nint State;
        internal nint Allocate;
        internal nint Free;
        internal nint Opaque;
        internal int DataType;
        internal nuint Adler;
        internal nuint Reserved;
    }

    [LibraryImport(Library, EntryPoint = "deflateInit2_")]
    internal static partial int DeflateInit2(ZStream* stream, int level, int method, int windowBits, int memoryLevel, int strategy, byte* version, int streamSize);

    [LibraryImport(Library, EntryPoint = "deflateSetDictionary")]
    internal static partial int DeflateSetDictionary(ZStream* stream, byte* dictionary, uint length);

    [LibraryImport(Library, EntryPoint = "deflate")]
    internal static partial int Deflate(ZStream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "deflateEnd")]
    internal static partial int DeflateEnd(ZStream* stream);

    [LibraryImport(Library, EntryPoint = "inflateInit_")]
    internal static partial int InflateInit(ZStream* stream, byte* version, int streamSize);

    [LibraryImport(Library, EntryPoint = "inflateSetDictionary")]
    internal static partial int InflateSetDictionary(ZStream* stream, byte* dictionary, uint length);

    [LibraryImport(Library, EntryPoint = "inflate")]
    internal static partial int Inflate(ZStream* stream, int flush);

    [LibraryImport(Library, EntryPoint = "inflateEnd")]
    internal static partial int InflateEnd(ZStream* stream);
}
