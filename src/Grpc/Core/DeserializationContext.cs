using System.Buffers;

namespace Grpc.Core;

/// <summary>One received message, valid until the deserializer returns.</summary>
public abstract class DeserializationContext
{
    /// <summary>Bytes in the message, decompressed.</summary>
    public abstract int PayloadLength { get; }

    /// <summary>A copy of the message.</summary>
    public abstract byte[] PayloadAsNewBuffer();

    /// <summary>The message in the transport's own buffers.</summary>
    public abstract ReadOnlySequence<byte> PayloadAsReadOnlySequence();
}
