using System.Buffers.Binary;

namespace CriRuntime.Streaming.Spdy;

/// <summary>
/// Cuts received bytes into frames (SPDY/3.1 draft, 2.2). The payload of DATA frames, up to 16 MiB, is passed on as it comes; control
/// frames are short and passed on whole. Knows nothing of streams, and holds no buffer.
/// </summary>
/// <remarks>
/// control: 1 | version 15 | type 16 | flags 8 | length 24      data: 0 | stream id 31 | flags 8 | length 24
/// </remarks>
internal sealed class FrameParser(IFrameReceiver receiver)
{
    internal const int HeaderSize = 8;

    /// <summary>The longest control frame accepted; a buffer of this and <see cref="HeaderSize"/> always makes progress.</summary>
    internal const int MaximumControlLength = 32 * 1024;

    private const int Version = 3;
    private const uint InitialWindowSetting = 7;
    private uint _dataStream;
    private int _dataLeft;
    private bool _dataFin;

    /// <summary>True between frames: the end of the connection here is a clean one.</summary>
    internal bool AtFrameBoundary => _dataLeft == 0;

    /// <returns>How many bytes were used; the rest is the beginning of a frame and must come again, with more behind it.</returns>
    /// <exception cref="SpdyProtocolException">The bytes are no SPDY/3.</exception>
    internal int Consume(ReadOnlySpan<byte> bytes)
    {
        int used = 0;
        while (true)
        {
            if (_dataLeft > 0)
            {
                used += ConsumeData(bytes[used..]);
                if (_dataLeft > 0)
                    return used;
            }

            ReadOnlySpan<byte> rest = bytes[used..];
            if (rest.Length < HeaderSize)
                return used;
            uint first = BinaryPrimitives.ReadUInt32BigEndian(rest);
            uint second = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]);
            var flags = (FrameFlags)(second >> 24);
            int length = (int)(second & 0xFFFFFF);
            if ((first & 0x8000_0000) == 0)
            {
                used += HeaderSize;
                BeginData(first, flags, length);
                continue;
            }

            CheckControl(first, length);
            if (rest.Length < HeaderSize + length)
                return used;
            Dispatch((FrameType)(first & 0xFFFF), flags, rest.Slice(HeaderSize, length));
            used += HeaderSize + length;
        }
    }

    private static void CheckControl(uint first, int length)
    {
        int version = (int)(first >> 16) & 0x7FFF;
        if (version != Version)
            throw new SpdyProtocolException($"A control frame of SPDY version {version}; this is version {Version}.");
        if (length > MaximumControlLength)
            throw new SpdyProtocolException($"A control frame of {length} bytes; {MaximumControlLength} are allowed.");
    }

    private static uint StreamId(ReadOnlySpan<byte> payload)
    {
        uint id = BinaryPrimitives.ReadUInt32BigEndian(payload) & 0x7FFF_FFFF;
        return id != 0 ? id : throw new SpdyProtocolException("A frame for stream 0.");
    }

    private static ReadOnlySpan<byte> Exactly(ReadOnlySpan<byte> payload, int length, FrameType type) =>
        payload.Length == length ? payload : throw new SpdyProtocolException($"{type} of {payload.Length} bytes.");

    private static ReadOnlySpan<byte> AtLeast(ReadOnlySpan<byte> payload, int length, FrameType type) =>
        payload.Length >= length ? payload : throw new SpdyProtocolException($"{type} of {payload.Length} bytes.");

    private void BeginData(uint streamId, FrameFlags flags, int length)
    {
        if (streamId == 0)
            throw new SpdyProtocolException("DATA for stream 0.");
        _dataStream = streamId;
        _dataLeft = length;
        _dataFin = (flags & FrameFlags.Fin) != 0;
        if (length == 0)
            receiver.OnData(streamId, default, _dataFin);
    }

    private int ConsumeData(ReadOnlySpan<byte> bytes)
    {
        int count = Math.Min(bytes.Length, _dataLeft);
        if (count > 0)
        {
            _dataLeft -= count;
            receiver.OnData(_dataStream, bytes[..count], _dataFin && _dataLeft == 0);
        }

        return count;
    }

    private void Dispatch(FrameType type, FrameFlags flags, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case FrameType.SynStream:
                AtLeast(payload, 10, type);
                receiver.OnSynStream(StreamId(payload), flags, payload[10..]);
                break;
            case FrameType.SynReply:
                AtLeast(payload, 4, type);
                receiver.OnSynReply(StreamId(payload), flags, payload[4..]);
                break;
            case FrameType.Headers:
                AtLeast(payload, 4, type);
                receiver.OnHeaders(StreamId(payload), flags, payload[4..]);
                break;
            case FrameType.RstStream:
                Exactly(payload, 8, type);
                receiver.OnRstStream(StreamId(payload), (ResetStatus)BinaryPrimitives.ReadUInt32BigEndian(payload[4..]));
                break;
            case FrameType.Settings:
                ReadSettings(AtLeast(payload, 4, type));
                break;
            case FrameType.Ping:
                receiver.OnPing(BinaryPrimitives.ReadUInt32BigEndian(Exactly(payload, 4, type)));
                break;
            case FrameType.GoAway:
                receiver.OnGoAway(BinaryPrimitives.ReadUInt32BigEndian(Exactly(payload, 8, type)) & 0x7FFF_FFFF);
                break;
            case FrameType.WindowUpdate:
                Exactly(payload, 8, type);
                receiver.OnWindowUpdate(StreamId(payload), BinaryPrimitives.ReadInt32BigEndian(payload[4..]) & 0x7FFF_FFFF);
                break;
            default:
                // Unknown control frames are skipped (draft, 2.2.1).
                break;
        }
    }

    private void ReadSettings(ReadOnlySpan<byte> payload)
    {
        uint count = BinaryPrimitives.ReadUInt32BigEndian(payload);
        ReadOnlySpan<byte> entries = payload[4..];
        if (count * 8L != entries.Length)
            throw new SpdyProtocolException($"SETTINGS of {payload.Length} bytes for {count} entries.");
        for (; !entries.IsEmpty; entries = entries[8..])
        {
            if ((BinaryPrimitives.ReadUInt32BigEndian(entries) & 0xFFFFFF) == InitialWindowSetting)
                receiver.OnInitialWindow(BinaryPrimitives.ReadInt32BigEndian(entries[4..]) & 0x7FFF_FFFF);
        }
    }
}
