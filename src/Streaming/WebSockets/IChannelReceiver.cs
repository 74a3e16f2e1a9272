namespace CriRuntime.Streaming.WebSockets;

/// <summary>Where <see cref="ChannelDemultiplexer"/> delivers. Spans are valid during the call only.</summary>
internal interface IChannelReceiver
{
    void OnData(int channel, ReadOnlySpan<byte> bytes);

    /// <summary>The client sends nothing more on the channel (v5).</summary>
    void OnClose(int channel);
}
