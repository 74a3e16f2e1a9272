namespace Grpc.Core;

/// <summary>How a message is sent.</summary>
[Flags]
public enum WriteFlags
{
    None = 0,

    /// <summary>More will follow soon: do not flush this message by itself.</summary>
    BufferHint = 1,

    /// <summary>Send this message uncompressed even where compression was negotiated.</summary>
    NoCompress = 2,
}

/// <inheritdoc cref="WriteFlags"/>
public sealed class WriteOptions(WriteFlags flags = WriteFlags.None)
{
    public static readonly WriteOptions Default = new();

    public WriteFlags Flags { get; } = flags;
}
