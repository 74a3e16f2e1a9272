namespace CriRuntime.Streaming.WebSockets;

/// <summary>The client sent a message that is none of the channel protocol.</summary>
internal sealed class ChannelProtocolException(string message) : IOException(message);
