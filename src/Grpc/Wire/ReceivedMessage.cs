using System.Buffers;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>The deserializer's view of one received message.</summary>
internal sealed class ReceivedMessage(ReadOnlySequence<byte> payload) : DeserializationContext
{
    public override int PayloadLength => (int)payload.Length;

    public override byte[] PayloadAsNewBuffer() => payload.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => payload;
}
