using System.Buffers.Binary;
using CriRuntime.Linux;

namespace CriRuntime.Streaming.Spdy;

/// <summary>
/// Frames other than DATA with payload, waiting to be written: replies, resets, pings, window updates, half-closes. Because they wait here,
/// the connection's reader never waits for the peer to read. Bounded: a peer that provokes answers and does not read them is cut off.
/// Header blocks are compressed on entry, so that their order here is the order on the wire.
/// </summary>
internal sealed class ControlQueue : IDisposable
{
    internal const int MaximumPending = 1024 * 1024;
    private const uint ControlBit = 0x8003_0000;
    private readonly Lock _gate = new();
    private readonly DictionaryDeflater _deflater = new(HeaderDictionary.Bytes);
    private byte[] _pending = new byte[512];
    private byte[] _taken = [];
    private int _count;
    private bool _disposed;

    internal bool IsEmpty => Volatile.Read(ref _count) == 0;

    internal void SynStream(uint streamId, FrameFlags flags, IReadOnlyDictionary<string, string> headers)
    {
        Span<byte> prefix = stackalloc byte[10];
        BinaryPrimitives.WriteUInt32BigEndian(prefix, streamId);
        prefix[4..].Clear();
        AddWithHeaders(FrameType.SynStream, flags, prefix, headers);
    }

    internal void SynReply(uint streamId)
    {
        Span<byte> prefix = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(prefix, streamId);
        AddWithHeaders(FrameType.SynReply, FrameFlags.None, prefix, SpdyHeaders.Empty);
    }

    internal void RstStream(uint streamId, ResetStatus status) => Add(FrameType.RstStream, streamId, (uint)status);

    internal void WindowUpdate(uint streamId, int delta) => Add(FrameType.WindowUpdate, streamId, (uint)delta);

    internal void GoAway(uint lastGoodStreamId, uint status) => Add(FrameType.GoAway, lastGoodStreamId, status);

    internal void Ping(uint id)
    {
        Span<byte> frame = stackalloc byte[12];
        WriteControlHeader(frame, FrameType.Ping, FrameFlags.None, 4);
        BinaryPrimitives.WriteUInt32BigEndian(frame[8..], id);
        Add(frame);
    }

    /// <summary>Says PROTOCOL_ERROR for the whole connection, where there is room to.</summary>
    internal void TryGoAway(uint lastGoodStreamId)
    {
        if (Volatile.Read(ref _count) <= MaximumPending - 16)
            GoAway(lastGoodStreamId, 1);
    }

    /// <summary>An empty DATA frame that half-closes a stream.</summary>
    internal void Fin(uint streamId)
    {
        Span<byte> frame = stackalloc byte[FrameParser.HeaderSize];
        WriteDataHeader(frame, streamId, FrameFlags.Fin, 0);
        Add(frame);
    }

    /// <summary>All that waits. The memory is the queue's, valid until the next call: one caller at a time.</summary>
    internal ReadOnlyMemory<byte> Take()
    {
        lock (_gate)
        {
            (_pending, _taken) = (_taken.Length == 0 ? new byte[512] : _taken, _pending);
            ReadOnlyMemory<byte> result = _taken.AsMemory(0, _count);
            _count = 0;
            return result;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _count = 0;
            _deflater.Dispose();
        }
    }

    internal static void WriteDataHeader(Span<byte> target, uint streamId, FrameFlags flags, int length)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, streamId);
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], ((uint)flags << 24) | (uint)length);
    }

    private static void WriteControlHeader(Span<byte> target, FrameType type, FrameFlags flags, int length)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, ControlBit | (ushort)type);
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], ((uint)flags << 24) | (uint)length);
    }

    private void Add(FrameType type, uint first, uint second)
    {
        Span<byte> frame = stackalloc byte[16];
        WriteControlHeader(frame, type, FrameFlags.None, 8);
        BinaryPrimitives.WriteUInt32BigEndian(frame[8..], first);
        BinaryPrimitives.WriteUInt32BigEndian(frame[12..], second);
        Add(frame);
    }

    private void Add(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            frame.CopyTo(Room(frame.Length));
            _count += frame.Length;
        }
    }

    private void AddWithHeaders(FrameType type, FrameFlags flags, ReadOnlySpan<byte> prefix, IReadOnlyDictionary<string, string> headers)
    {
        byte[] block = SpdyHeaders.Write(headers);
        lock (_gate)
        {
            if (_disposed)
                return;
            Span<byte> frame = Room(FrameParser.HeaderSize + prefix.Length + DictionaryDeflater.MaximumOutput(block.Length));
            Span<byte> payload = frame[FrameParser.HeaderSize..];
            prefix.CopyTo(payload);
            int length = prefix.Length + _deflater.Deflate(block, payload[prefix.Length..]);
            WriteControlHeader(frame, type, flags, length);
            _count += FrameParser.HeaderSize + length;
        }
    }

    private Span<byte> Room(int length)
    {
        if (_count + length > MaximumPending)
            throw new SpdyProtocolException($"The peer leaves more than {MaximumPending} bytes of answers unread.");
        if (_pending.Length < _count + length)
            Array.Resize(ref _pending, Math.Max(_count + length, 2 * _pending.Length));
        return _pending.AsSpan(_count);
    }
}
