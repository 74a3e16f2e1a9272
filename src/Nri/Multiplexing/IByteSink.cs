namespace CriRuntime.Nri.Multiplexing;

/// <summary>Takes the bytes of one logical connection, in order and in pieces of any size.</summary>
internal interface IByteSink
{
    /// <exception cref="ProtocolException">The bytes break the protocol; the connection is of no use any more.</exception>
    void Receive(ReadOnlySpan<byte> bytes);
}
