using System.Buffers;

namespace Grpc.Core;

/// <summary>
/// Where a serializer puts one message: either <see cref="Complete(byte[])"/> alone, or
/// <see cref="SetPayloadLength"/>, <see cref="GetBufferWriter"/> and <see cref="Complete()"/> in this order.
/// </summary>
public abstract class SerializationContext
{
    /// <summary>Hands over the whole message.</summary>
    public abstract void Complete(byte[] payload);

    /// <summary>
    /// Where to write exactly the promised number of bytes. Without a promised length the message is collected
    /// in a buffer first.
    /// </summary>
    public abstract IBufferWriter<byte> GetBufferWriter();

    /// <summary>Promises the length of the message in bytes, so that it can be written in place.</summary>
    /// <exception cref="RpcException">ResourceExhausted: longer than may be sent.</exception>
    public abstract void SetPayloadLength(int payloadLength);

    /// <summary>Says that everything was written to the buffer writer.</summary>
    public abstract void Complete();
}
