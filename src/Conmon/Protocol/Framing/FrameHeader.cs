using System.Buffers.Binary;

namespace CriRuntime.Conmon.Protocol;

/// <summary>The first 16 bytes of every frame, little-endian: magic, version, type, flags (16 bits each), request id and payload length (32 bits each).</summary>
/// <param name="Type">What the payload is.</param>
/// <param name="Flags">Request, reply, error, event.</param>
/// <param name="RequestId">Chosen by the client, repeated in the reply; 0 in events.</param>
/// <param name="PayloadLength">Bytes after the header.</param>
public readonly record struct FrameHeader(MessageType Type, MessageFlags Flags, uint RequestId, int PayloadLength)
{
    public const int Size = 16;

    /// <summary>The longest frame, header included; what is larger travels in a descriptor.</summary>
    public const int MaxFrame = 64 * 1024;

    /// <summary>The protocol that this code speaks. A Hello settles a lower one with an older peer.</summary>
    public const ushort CurrentVersion = 1;

    private const ushort Magic = 0x6D43;

    /// <summary>Writes the header in front of a payload that stands at offset <see cref="Size"/> already.</summary>
    public void Write(Span<byte> frame)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(frame, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(frame[2..], CurrentVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(frame[4..], (ushort)Type);
        BinaryPrimitives.WriteUInt16LittleEndian(frame[6..], (ushort)Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[8..], RequestId);
        BinaryPrimitives.WriteInt32LittleEndian(frame[12..], PayloadLength);
    }

    /// <summary>Reads the header of a whole frame.</summary>
    /// <exception cref="ProtocolException">It is too short, foreign, or its length is not the frame's.</exception>
    public static FrameHeader Read(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < Size)
            throw new ProtocolException($"a frame of {frame.Length} bytes is shorter than its header");
        if (BinaryPrimitives.ReadUInt16LittleEndian(frame) != Magic)
            throw new ProtocolException("a frame does not begin with the magic number");
        if (BinaryPrimitives.ReadUInt16LittleEndian(frame[2..]) == 0)
            throw new ProtocolException("a frame has version 0");
        int length = BinaryPrimitives.ReadInt32LittleEndian(frame[12..]);
        if (length != frame.Length - Size)
            throw new ProtocolException($"a frame announces {length} bytes of payload and has {frame.Length - Size}");
        return new FrameHeader(
            (MessageType)BinaryPrimitives.ReadUInt16LittleEndian(frame[4..]),
            (MessageFlags)BinaryPrimitives.ReadUInt16LittleEndian(frame[6..]),
            BinaryPrimitives.ReadUInt32LittleEndian(frame[8..]),
            length);
    }
}
