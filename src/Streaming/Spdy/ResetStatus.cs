namespace CriRuntime.Streaming.Spdy;

/// <summary>Why a stream is reset (SPDY/3.1 draft, 2.6.3).</summary>
internal enum ResetStatus : uint
{
    ProtocolError = 1,
    InvalidStream = 2,
    RefusedStream = 3,
    UnsupportedVersion = 4,
    Cancel = 5,
    InternalError = 6,
    FlowControlError = 7,
    StreamInUse = 8,
    StreamAlreadyClosed = 9,
    FrameTooLarge = 11,
}
