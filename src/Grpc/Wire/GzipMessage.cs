using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>The gzip message encoding. Both directions stop at a limit, so that a bomb costs no more than a message may.</summary>
internal static class GzipMessage
{
    internal const string Name = "gzip";

    /// <summary>Bytes of header and trailer that every gzip member has (RFC 1952 section 2.3).</summary>
    private const int MinimumLength = 18;

    /// <summary>The decompressed message, to be disposed by the caller.</summary>
    /// <exception cref="RpcException">ResourceExhausted: longer than the limit. Internal: not gzip, or cut short.</exception>
    internal static PooledBuffer Decompress(in ReadOnlySequence<byte> compressed, int limit)
    {
        var message = new PooledBuffer(limit, MessageErrors.ReceivedTooLong);
        try
        {
            using var gzip = new GZipStream(new SequenceStream(compressed), CompressionMode.Decompress);
            int count;
            while ((count = gzip.Read(message.GetSpan())) > 0) message.Advance(count);

            if (!EndsWithLength(compressed, message.Length)) throw new InvalidDataException("The data end early.");
            return message;
        }
        catch (InvalidDataException exception)
        {
            message.Dispose();
            throw MessageErrors.NotGzip(exception);
        }
        catch
        {
            message.Dispose();
            throw;
        }
    }

    /// <summary>Appends the compressed form.</summary>
    internal static void Compress(ReadOnlySpan<byte> message, IBufferWriter<byte> target)
    {
        using var gzip = new GZipStream(new BufferStream(target), CompressionLevel.Fastest);
        gzip.Write(message);
    }

    /// <summary>
    /// GZipStream takes data without their trailer for whole ones. The trailer's last field is the length of the plain
    /// data (RFC 1952 section 2.3.1, ISIZE); a message is one member.
    /// </summary>
    private static bool EndsWithLength(in ReadOnlySequence<byte> compressed, int length)
    {
        if (compressed.Length < MinimumLength) return false;
        Span<byte> last = stackalloc byte[sizeof(uint)];
        compressed.Slice(compressed.Length - last.Length).CopyTo(last);
        return BinaryPrimitives.ReadUInt32LittleEndian(last) == (uint)length;
    }
}
