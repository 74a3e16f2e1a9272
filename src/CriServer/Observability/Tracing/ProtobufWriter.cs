using System.Buffers.Binary;
using System.Text;

namespace CriRuntime.CriServer.Observability.Tracing;

/// <summary>
/// Protocol Buffers' wire format (protobuf.dev, "Encoding") for messages that are only ever written. A message within a message is written in place, and
/// its length put before it when it is complete.
/// </summary>
internal sealed class ProtobufWriter
{
    private const int LongestVarint = 10;

    private byte[] _bytes = new byte[16 << 10];
    private int _length;

    internal byte[] ToArray() => _bytes.AsSpan(0, _length).ToArray();

    /// <param name="write">Writes the fields of the message.</param>
    internal void Message<T>(int field, T from, Action<ProtobufWriter, T> write)
    {
        Tag(field, WireType.Length);
        int start = _length;
        write(this, from);
        int size = _length - start;
        int prefix = VarintSize((ulong)size);
        _ = Room(LongestVarint); // may move the bytes
        _bytes.AsSpan(start, size).CopyTo(_bytes.AsSpan(start + prefix));
        _length = start;
        Varint((ulong)size);
        _length = start + prefix + size;
    }

    /// <summary>Not written when empty, as it is the default.</summary>
    internal void Text(int field, string value)
    {
        if (value.Length == 0)
            return;
        Tag(field, WireType.Length);
        int size = Encoding.UTF8.GetByteCount(value);
        Varint((ulong)size);
        Encoding.UTF8.GetBytes(value, Room(size));
        _length += size;
    }

    internal void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, WireType.Length);
        Varint((ulong)value.Length);
        value.CopyTo(Room(value.Length));
        _length += value.Length;
    }

    /// <summary>int32, int64, uint64, bool and enum.</summary>
    internal void Number(int field, long value)
    {
        Tag(field, WireType.Varint);
        Varint((ulong)value);
    }

    internal void Fixed64(int field, ulong value)
    {
        Tag(field, WireType.Fixed64);
        BinaryPrimitives.WriteUInt64LittleEndian(Room(sizeof(ulong)), value);
        _length += sizeof(ulong);
    }

    internal void Fixed32(int field, uint value)
    {
        Tag(field, WireType.Fixed32);
        BinaryPrimitives.WriteUInt32LittleEndian(Room(sizeof(uint)), value);
        _length += sizeof(uint);
    }

    private static int VarintSize(ulong value)
    {
        int size = 1;
        for (; value >= 0x80; value >>= 7)
            size++;
        return size;
    }

    private void Tag(int field, WireType type) => Varint((ulong)((field << 3) | (int)type));

    private void Varint(ulong value)
    {
        Span<byte> room = Room(LongestVarint);
        int size = 0;
        for (; value >= 0x80; value >>= 7)
            room[size++] = (byte)(value | 0x80);
        room[size++] = (byte)value;
        _length += size;
    }

    private Span<byte> Room(int size)
    {
        if (_bytes.Length - _length < size)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + size));
        return _bytes.AsSpan(_length);
    }

    private enum WireType
    {
        Varint = 0,
        Fixed64 = 1,
        Length = 2,
        Fixed32 = 5,
    }
}
