namespace CriRuntime.Streaming.Spdy;

[Flags]
internal enum FrameFlags : byte
{
    None = 0,

    /// <summary>The sender half-closes the stream.</summary>
    Fin = 1,

    /// <summary>SYN_STREAM: the receiver may not send on it.</summary>
    Unidirectional = 2,
}
