using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>The five bytes before each message: a compressed flag (0 or 1) and the length, big endian.</summary>
internal readonly record struct MessageHeader(bool Compressed, int Length)
{
    internal const int Size = 5;

    /// <summary>False while fewer than five bytes are there.</summary>
    /// <exception cref="RpcException">Internal: a bad flag. ResourceExhausted: a length over <paramref name="limit"/>.</exception>
    internal static bool TryRead(in ReadOnlySequence<byte> buffer, int limit, out MessageHeader header)
    {
        header = default;
        if (buffer.Length < Size) return false;

        Span<byte> bytes = stackalloc byte[Size];
        buffer.Slice(0, Size).CopyTo(bytes);
        if (bytes[0] > 1) throw MessageErrors.BadFlag(bytes[0]);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]);
        if (length > (uint)limit) throw MessageErrors.ReceivedTooLong(limit);
        header = new MessageHeader(bytes[0] == 1, (int)length);
        return true;
    }

    internal void WriteTo(Span<byte> target)
    {
        target[0] = Compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(target[1..], Length);
    }
}
