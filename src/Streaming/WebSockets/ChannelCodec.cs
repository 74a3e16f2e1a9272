namespace CriRuntime.Streaming.WebSockets;

/// <summary>How a message carries its channel's number and bytes.</summary>
internal enum ChannelCodec
{
    /// <summary>Binary messages: a byte, then the bytes.</summary>
    Binary,

    /// <summary>Text messages: a character from '0', then base64.</summary>
    Base64,
}
