using System.Buffers.Binary;
using System.Text;

namespace CriRuntime.Conmon.Protocol;

/// <summary>Reads what <see cref="PayloadWriter"/> wrote, from bytes that may be anything.</summary>
/// <remarks>Every method throws <see cref="ProtocolException"/> where the payload ends too early or a length is nonsense.</remarks>
public ref struct PayloadReader(ReadOnlySpan<byte> payload)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = payload;

    /// <summary>True when every byte was read.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public bool ReadBool() => Take(1)[0] != 0;

    public string ReadString()
    {
        ReadOnlySpan<byte> bytes = Take(ReadInt32());
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new ProtocolException("a string is not UTF-8");
        }
    }

    public string[] ReadStrings()
    {
        int count = ReadInt32();
        // Each string takes at least its length field: bounds what a lie can make this allocate.
        if (count < 0 || count > _rest.Length / sizeof(int))
            throw new ProtocolException($"a list of {count} strings does not fit the payload");
        string[] values = new string[count];
        for (int i = 0; i < count; i++)
            values[i] = ReadString();
        return values;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _rest.Length)
            throw new ProtocolException($"the payload ends {count - _rest.Length} bytes too early");
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
