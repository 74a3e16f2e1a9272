using System.Buffers.Binary;

namespace CriRuntime.Nri.Ttrpc;

/// <summary>
/// One message of ttRPC 1.2 (containerd/ttrpc PROTOCOL.md):
/// <code>
/// length of the payload (32 bits, big endian) | stream id (32 bits, big endian) | type (8 bits) | flags (8 bits) | payload
/// </code>
/// </summary>
internal readonly record struct Message(uint StreamId, MessageType Type, byte Flags, ReadOnlyMemory<byte> Payload)
{
    internal const int HeaderSize = 10;

    internal const int MaxPayload = 4 << 20;

    /// <summary>A message as it goes over the wire, its payload still to be written behind <see cref="HeaderSize"/>.</summary>
    internal static byte[] Allocate(uint streamId, MessageType type, int payload)
    {
        byte[] bytes = new byte[HeaderSize + payload];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)payload);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), streamId);
        bytes[8] = (byte)type;
        return bytes;
    }
}

internal enum MessageType : byte
{
    Request = 1,
    Response = 2,

    /// <summary>A piece of a stream; NRI has none.</summary>
    Data = 3,
}
