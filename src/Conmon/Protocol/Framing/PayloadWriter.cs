using System.Buffers.Binary;
using System.Text;

namespace CriRuntime.Conmon.Protocol;

/// <summary>Writes a payload's fields one after the other: little-endian numbers, strings as a 32-bit length and UTF-8.</summary>
public ref struct PayloadWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    public void Write(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(sizeof(int)), value);

    public void Write(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(sizeof(long)), value);

    public void Write(bool value) => Take(1)[0] = value ? (byte)1 : (byte)0;

    public void Write(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Write(length);
        Encoding.UTF8.GetBytes(value, Take(length));
    }

    public void Write(IReadOnlyList<string> values)
    {
        Write(values.Count);
        for (int i = 0; i < values.Count; i++)
            Write(values[i]);
    }

    private Span<byte> Take(int count)
    {
        if (count > _buffer.Length - Length)
            throw new ProtocolException($"a message does not fit a frame of {_buffer.Length} bytes");
        Span<byte> taken = _buffer.Slice(Length, count);
        Length += count;
        return taken;
    }
}
