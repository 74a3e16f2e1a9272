using System.Buffers.Binary;
using System.Text;

namespace CriRuntime.Streaming.Spdy;

/// <summary>The name/value block of a frame, uncompressed (SPDY/3.1 draft, 2.6.10). Names are lower case on the wire.</summary>
internal static class SpdyHeaders
{
    /// <summary>No peer here sends more than four.</summary>
    internal const int MaximumCount = 64;

    internal static IReadOnlyDictionary<string, string> Empty { get; } = new Dictionary<string, string>();

    /// <exception cref="SpdyProtocolException">The block is cut short, has a rest, a name twice, or too many names.</exception>
    internal static Dictionary<string, string> Parse(ReadOnlySpan<byte> block)
    {
        uint count = ReadLength(ref block);
        if (count > MaximumCount)
            throw new SpdyProtocolException($"A header block of {count} headers; {MaximumCount} are allowed.");
        Dictionary<string, string> headers = new((int)count, StringComparer.OrdinalIgnoreCase);
        for (uint i = 0; i < count; i++)
        {
            string name = ReadString(ref block);
            if (name.Length == 0 || !headers.TryAdd(name, ReadString(ref block)))
                throw new SpdyProtocolException("A header without a name, or twice.");
        }

        return block.IsEmpty ? headers : throw new SpdyProtocolException("A header block with a rest.");
    }

    internal static byte[] Write(IReadOnlyDictionary<string, string> headers)
    {
        using MemoryStream block = new();
        WriteLength(block, headers.Count);
        foreach ((string name, string value) in headers)
        {
            WriteString(block, name);
            WriteString(block, value);
        }

        return block.ToArray();
    }

    private static uint ReadLength(ref ReadOnlySpan<byte> block)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(block, out uint value))
            throw new SpdyProtocolException("A header block cut short.");
        block = block[4..];
        return value;
    }

    private static string ReadString(ref ReadOnlySpan<byte> block)
    {
        uint length = ReadLength(ref block);
        if (length > block.Length)
            throw new SpdyProtocolException("A header block cut short.");
        string value = Encoding.UTF8.GetString(block[..(int)length]);
        block = block[(int)length..];
        return value;
    }

    private static void WriteString(MemoryStream block, string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        WriteLength(block, bytes.Length);
        block.Write(bytes);
    }

    private static void WriteLength(MemoryStream block, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        block.Write(bytes);
    }
}
