using System.Buffers;
using System.IO.Compression;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>The gzip message encoding. Both directions stop at a limit, so that a bomb costs no more than a message may.</summary>
internal static class GzipMessage
{
    internal const string Name = "gzip";

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

            // GZipStream takes an end anywhere but inside a block for a good one
            if (compressed.Length < MinimumLength) throw new InvalidDataException("The data end early.");
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

    /// <summary>Bytes of header and trailer that every gzip member has (RFC 1952 section 2.3).</summary>
    private const int MinimumLength = 18;
}
