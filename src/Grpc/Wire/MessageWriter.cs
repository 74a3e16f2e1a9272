using System.Buffers;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>
/// Puts messages onto a byte stream. A serializer that promises its length writes straight into the transport's
/// buffer behind the five-byte header; others, and compressed messages, are collected in a pooled buffer.
/// Not thread-safe; one object serves all messages of a call.
/// </summary>
internal sealed class MessageWriter(IBufferWriter<byte> output, int limit) : SerializationContext, IBufferWriter<byte>
{
    private PooledBuffer? _collected;
    private bool _compress;
    private bool _completed;
    private bool _inPlace;
    private int _promised;
    private int _written;

    /// <summary>Whether the last message failed after a part of it was written.</summary>
    internal bool IsTorn => _inPlace && !_completed;

    /// <summary>Serializes one message into the output, unflushed.</summary>
    /// <exception cref="RpcException">ResourceExhausted: too long; nothing was written.</exception>
    /// <exception cref="InvalidOperationException">The serializer broke its promises.</exception>
    internal void Write<T>(T message, Action<T, SerializationContext> serializer, bool compress)
    {
        _compress = compress;
        _completed = _inPlace = false;
        _promised = -1;
        _written = 0;
        try
        {
            serializer(message, this);
            if (!_completed) throw new InvalidOperationException("The serializer did not complete the message.");
        }
        finally
        {
            _collected?.Dispose();
            _collected = null;
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        if (payloadLength > limit) throw MessageErrors.SentTooLong(limit);
        _promised = payloadLength;
    }

    public override IBufferWriter<byte> GetBufferWriter()
    {
        if (_promised < 0 || _compress) return _collected ??= new PooledBuffer(limit, MessageErrors.SentTooLong);
        if (!_inPlace)
        {
            WriteHeader(compressed: false, _promised);
            _inPlace = true;
        }

        return this;
    }

    public override void Complete()
    {
        if (_inPlace)
        {
            if (_written != _promised)
                throw new InvalidOperationException($"The serializer promised {_promised} bytes and wrote {_written}.");
            _completed = true;
        }
        else
        {
            Finish(_collected is null ? [] : _collected.Written.Span);
        }
    }

    public override void Complete(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        if (payload.Length > limit) throw MessageErrors.SentTooLong(limit);
        Finish(payload);
    }

    void IBufferWriter<byte>.Advance(int count)
    {
        output.Advance(count);
        _written += count;
    }

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint) => output.GetMemory(sizeHint);

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => output.GetSpan(sizeHint);

    private void Finish(ReadOnlySpan<byte> payload)
    {
        _completed = true;
        if (!_compress)
        {
            WriteHeader(compressed: false, payload.Length);
            output.Write(payload);
            return;
        }

        // incompressible data grow a little; the limit is on the message, not on its packed form
        using var packed = new PooledBuffer(int.MaxValue, MessageErrors.SentTooLong);
        GzipMessage.Compress(payload, packed);
        WriteHeader(compressed: true, packed.Length);
        output.Write(packed.Written.Span);
    }

    private void WriteHeader(bool compressed, int length)
    {
        new MessageHeader(compressed, length).WriteTo(output.GetSpan(MessageHeader.Size));
        output.Advance(MessageHeader.Size);
    }
}
