namespace CriRuntime.Streaming.Channels;

/// <summary>The receiving side of a channel. Disposing it discards what the client sent and still sends.</summary>
internal sealed class ChannelInput(StreamChannel channel) : AsyncOnlyStream
{
    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => channel.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        channel.ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    protected override void Dispose(bool disposing)
    {
        channel.Received.Abandon();
        base.Dispose(disposing);
    }
}
