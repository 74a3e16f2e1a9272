using System.Threading.Channels;

namespace CriRuntime.Streaming;

/// <summary>
/// The client's side of an exec or attach, for the handler that runs it. The streams work only asynchronously. They end with the handler's
/// task; it need not dispose them.
/// </summary>
public sealed class RemoteCommandStreams
{
    internal RemoteCommandStreams()
    {
    }

    /// <summary>
    /// What the client types or pipes in. Ends when the client half-closes it; fails with <see cref="StreamResetException"/>, an
    /// <see cref="IOException"/>, when the client resets it or goes. Disposing it discards the rest.
    /// </summary>
    public Stream? Stdin { get; internal init; }

    /// <summary>
    /// A write waits while the client does not read, and fails with <see cref="StreamResetException"/>, an <see cref="IOException"/>, when it
    /// has gone. Disposing it tells the client of the end, where the protocol can.
    /// </summary>
    public Stream? Stdout { get; internal init; }

    /// <summary>As <see cref="Stdout"/>; null with a terminal.</summary>
    public Stream? Stderr { get; internal init; }

    /// <summary>The sizes of the client's terminal, the first as soon as it tells. Completes with the client's stream; when read slowly, the oldest are dropped.</summary>
    public required ChannelReader<TerminalSize> Resizes { get; init; }

    /// <summary>Cancelled when the client's connection has ended; also after the handler is done.</summary>
    public CancellationToken ClientGone { get; internal init; }
}
