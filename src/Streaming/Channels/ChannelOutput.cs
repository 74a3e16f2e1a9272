namespace CriRuntime.Streaming.Channels;

/// <summary>The sending side of a channel. Disposing it half-closes the stream.</summary>
internal sealed class ChannelOutput(StreamChannel channel) : AsyncOnlyStream
{
    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => channel.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        channel.WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    protected override void Dispose(bool disposing)
    {
        channel.Complete();
        base.Dispose(disposing);
    }
}
