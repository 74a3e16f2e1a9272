using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>
/// Takes messages off a byte stream. A message is parsed from the transport's own buffers; only a compressed
/// one is unpacked into a pooled buffer first.
/// </summary>
/// <param name="input">The stream.</param>
/// <param name="encoding">The grpc-encoding of the stream, or null when it names none.</param>
/// <param name="limit">Largest message in bytes, before and after decompression.</param>
/// <param name="deserializer">Makes a message of its bytes.</param>
internal sealed class MessageReader<T>(PipeReader input, string? encoding, int limit, Func<DeserializationContext, T> deserializer)
    where T : class
{
    /// <summary>The one message of a stream that must have exactly one.</summary>
    internal async ValueTask<T> ReadSingleAsync(CancellationToken cancellationToken)
    {
        T? message = null;
        while (true)
        {
            ReadResult read = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = read.Buffer;
            if (message is null) TryTake(ref buffer, out message);
            if (message is not null && !buffer.IsEmpty) throw MessageErrors.Additional();
            if (read.IsCompleted && message is null) throw MessageErrors.Incomplete();
            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted || read.IsCanceled) return message ?? throw MessageErrors.Incomplete();
        }
    }

    /// <summary>The next message, or null at the end of the stream.</summary>
    internal async ValueTask<T?> ReadNextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult read = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = read.Buffer;
            if (TryTake(ref buffer, out T? message))
            {
                input.AdvanceTo(buffer.Start);
                return message;
            }

            if (read.IsCompleted && !buffer.IsEmpty) throw MessageErrors.Incomplete();
            input.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted || read.IsCanceled) return null;
        }
    }

    private bool TryTake(ref ReadOnlySequence<byte> buffer, [NotNullWhen(true)] out T? message)
    {
        message = null;
        if (!MessageHeader.TryRead(buffer, limit, out MessageHeader header)) return false;
        if (buffer.Length < MessageHeader.Size + header.Length) return false;

        ReadOnlySequence<byte> payload = buffer.Slice(MessageHeader.Size, header.Length);
        message = header.Compressed ? ParseCompressed(payload) : Parse(payload);
        buffer = buffer.Slice(payload.End);
        return true;
    }

    private T ParseCompressed(in ReadOnlySequence<byte> payload)
    {
        if (encoding is null or "identity") throw MessageErrors.CompressedWithoutEncoding();
        using PooledBuffer plain = GzipMessage.Decompress(payload, limit);
        return Parse(new ReadOnlySequence<byte>(plain.Written));
    }

    private T Parse(in ReadOnlySequence<byte> payload)
    {
        try
        {
            return deserializer(new ReceivedMessage(payload));
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw MessageErrors.NotParsed(exception);
        }
    }
}
