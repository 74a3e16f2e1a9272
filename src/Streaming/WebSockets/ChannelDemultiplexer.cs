using System.Buffers;
using System.Buffers.Text;

namespace CriRuntime.Streaming.WebSockets;

/// <summary>
/// Takes messages apart, as they come in pieces of any size: the first byte is the channel, the rest its bytes. Holds no more than
/// the few characters of base64 that make no whole byte yet.
/// </summary>
internal sealed class ChannelDemultiplexer(ChannelCodec codec, bool closeSignals, IChannelReceiver receiver)
{
    private const int CloseSignal = 255;
    private const int DecodeChunk = 8 * 1024;
    private readonly byte[] _carried = new byte[4];
    private int _carriedCount;
    private int _channel = -1;
    private int _closeTarget = -1;

    /// <summary>Takes a piece of the current message.</summary>
    /// <exception cref="ChannelProtocolException">The message is malformed.</exception>
    internal void Add(ReadOnlySpan<byte> bytes, bool endOfMessage)
    {
        if (_channel < 0 && !bytes.IsEmpty)
        {
            _channel = codec == ChannelCodec.Base64 ? bytes[0] - '0' : bytes[0];
            bytes = bytes[1..];
            if (_channel < 0)
                throw new ChannelProtocolException("A message that begins with no channel.");
        }

        if (closeSignals && _channel == CloseSignal)
            AddCloseTarget(bytes);
        else if (codec == ChannelCodec.Base64)
            Decode(bytes);
        else if (!bytes.IsEmpty)
            receiver.OnData(_channel, bytes);
        if (endOfMessage)
            EndMessage();
    }

    private void AddCloseTarget(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 1 || (bytes.Length == 1 && _closeTarget >= 0))
            throw new ChannelProtocolException("A close signal for more than one channel.");
        if (bytes.Length == 1)
            _closeTarget = bytes[0];
    }

    private void EndMessage()
    {
        if (_carriedCount > 0)
            throw new ChannelProtocolException("A message whose base64 is cut short.");
        if (closeSignals && _channel == CloseSignal)
            receiver.OnClose(_closeTarget >= 0 ? _closeTarget : throw new ChannelProtocolException("A close signal for no channel."));
        _channel = -1;
        _closeTarget = -1;
    }

    private void Decode(ReadOnlySpan<byte> text)
    {
        while (_carriedCount > 0 && _carriedCount < 4 && !text.IsEmpty)
        {
            _carried[_carriedCount++] = text[0];
            text = text[1..];
        }

        if (_carriedCount == 4)
        {
            DecodeWhole(_carried);
            _carriedCount = 0;
        }

        int whole = text.Length & ~3;
        for (ReadOnlySpan<byte> left = text[..whole]; !left.IsEmpty;)
        {
            int count = Math.Min(left.Length, DecodeChunk);
            DecodeWhole(left[..count]);
            left = left[count..];
        }

        if (_carriedCount == 0)
        {
            text[whole..].CopyTo(_carried);
            _carriedCount = text.Length - whole;
        }
    }

    private void DecodeWhole(ReadOnlySpan<byte> text)
    {
        Span<byte> bytes = stackalloc byte[DecodeChunk / 4 * 3];
        OperationStatus status = Base64.DecodeFromUtf8(text, bytes, out int consumed, out int written);
        if (status != OperationStatus.Done || consumed != text.Length)
            throw new ChannelProtocolException("A message that is no base64.");
        if (written > 0)
            receiver.OnData(_channel, bytes[..written]);
    }
}
