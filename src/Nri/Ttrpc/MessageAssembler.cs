using System.Buffers.Binary;
using CriRuntime.Nri.Multiplexing;

namespace CriRuntime.Nri.Ttrpc;

/// <summary>Puts messages together from the bytes of a connection. Holds at most one, and of it no more than has arrived, doubled.</summary>
internal sealed class MessageAssembler(Action<Message> received) : IByteSink
{
    private const int FirstBuffer = 4096;

    private readonly byte[] _header = new byte[Message.HeaderSize];
    private byte[] _payload = [];
    private int _headerFilled;
    private int _payloadFilled;
    private int _payloadLength;

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[(_headerFilled < Message.HeaderSize ? TakeHeader(bytes) : TakePayload(bytes))..];
    }

    private int TakeHeader(ReadOnlySpan<byte> bytes)
    {
        int taken = Math.Min(bytes.Length, Message.HeaderSize - _headerFilled);
        bytes[..taken].CopyTo(_header.AsSpan(_headerFilled));
        _headerFilled += taken;
        if (_headerFilled < Message.HeaderSize)
            return taken;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(_header);
        if (length > Message.MaxPayload)
            throw new ProtocolException($"a message of {length} bytes, and {Message.MaxPayload} are allowed");
        _payloadLength = (int)length;
        _payloadFilled = 0;
        _payload = length == 0 ? [] : new byte[Math.Min(_payloadLength, FirstBuffer)];
        if (length == 0)
            Finish();
        return taken;
    }

    private int TakePayload(ReadOnlySpan<byte> bytes)
    {
        int taken = Math.Min(bytes.Length, _payloadLength - _payloadFilled);
        if (_payload.Length < _payloadFilled + taken)
            Array.Resize(ref _payload, Math.Min(_payloadLength, Math.Max(_payloadFilled + taken, _payload.Length * 2)));
        bytes[..taken].CopyTo(_payload.AsSpan(_payloadFilled));
        _payloadFilled += taken;
        if (_payloadFilled == _payloadLength)
            Finish();
        return taken;
    }

    private void Finish()
    {
        Message message = new(BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(4)), (MessageType)_header[8], _header[9], _payload);
        _headerFilled = 0;
        _payload = [];
        received(message);
    }
}
