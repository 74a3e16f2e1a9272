using System.Buffers;
using CriRuntime.Linux;

namespace CriRuntime.Streaming.Spdy;

/// <summary>Inflates header blocks: one context for all that a connection receives, so that each block must be decoded, in order, even unwanted.</summary>
internal sealed class HeaderDecoder(int maximumBytes) : IDisposable
{
    private readonly DictionaryInflater _inflater = new(HeaderDictionary.Bytes);

    /// <exception cref="SpdyProtocolException">The block does not inflate, or to too much, or is malformed.</exception>
    internal IReadOnlyDictionary<string, string> Decode(ReadOnlySpan<byte> block)
    {
        if (block.IsEmpty)
            return SpdyHeaders.Empty;

        // One byte more than allowed: where it is written, the block is too large. A bomb costs this buffer and no more.
        byte[] inflated = ArrayPool<byte>.Shared.Rent(maximumBytes + 1);
        try
        {
            int total = 0;
            while (!block.IsEmpty)
            {
                (int consumed, int written) = _inflater.Inflate(block, inflated.AsSpan(total, maximumBytes + 1 - total));
                block = block[consumed..];
                total += written;
                if (total > maximumBytes)
                    throw new SpdyProtocolException($"A header block that inflates to more than {maximumBytes} bytes.");
                if (consumed == 0 && written == 0)
                    throw new SpdyProtocolException("A header block that does not inflate.");
            }

            return SpdyHeaders.Parse(inflated.AsSpan(0, total));
        }
        catch (InvalidDataException e)
        {
            throw new SpdyProtocolException($"A header block that does not inflate: {e.Message}", e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(inflated);
        }
    }

    public void Dispose() => _inflater.Dispose();
}
