namespace CriRuntime.Streaming.Channels;

/// <summary>Where received bytes can go without being queued first.</summary>
internal interface IDirectSink
{
    /// <summary>Takes what it can without waiting, from none to all. Called by the connection's reader; must not throw.</summary>
    int TryWrite(ReadOnlySpan<byte> bytes);
}
