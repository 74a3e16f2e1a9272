using System.Buffers;
using System.Threading.Channels;
using CriRuntime.Streaming.Channels;

namespace CriRuntime.Streaming.RemoteCommand;

/// <summary>The channels of one exec or attach, whatever the protocol below them; null where there is none.</summary>
internal sealed record RemoteCommandChannels(StreamChannel Error, StreamChannel? Stdin, StreamChannel? Stdout, StreamChannel? Stderr, StreamChannel? Resize)
{
    internal void Abandon()
    {
        foreach (StreamChannel? channel in (ReadOnlySpan<StreamChannel?>)[Error, Stdin, Stdout, Stderr, Resize])
            channel?.Received.Abandon();
    }
}

/// <summary>Runs the handler between the channels, and tells the client how it ended.</summary>
internal static class RemoteCommandSession
{
    // The client's terminal may be dragged about while nobody listens; the latest sizes are those that count.
    private const int KeptSizes = 8;

    internal static async Task RunAsync(
        RemoteCommandChannels channels, bool jsonStatus, Func<RemoteCommandStreams, Task<RemoteCommandOutcome>> run, StreamingOptions options, CancellationToken clientGone)
    {
        Channel<TerminalSize> sizes = Channel.CreateBounded<TerminalSize>(new BoundedChannelOptions(KeptSizes) { FullMode = BoundedChannelFullMode.DropOldest, SingleWriter = true });
        Task resizing = ReadSizesAsync(channels.Resize, sizes.Writer);
        RemoteCommandStreams streams = new()
        {
            Stdin = channels.Stdin is null ? null : new ChannelInput(channels.Stdin),
            Stdout = channels.Stdout is null ? null : new ChannelOutput(channels.Stdout),
            Stderr = channels.Stderr is null ? null : new ChannelOutput(channels.Stderr),
            Resizes = sizes.Reader,
            ClientGone = clientGone,
        };
        try
        {
            RemoteCommandOutcome outcome = await RunAsync(run, streams, options);

            // The status goes before the ends of the outputs: clients of the first protocol look for it until those come.
            await channels.Error.WriteAsync(RemoteCommandStatus.Encode(outcome, jsonStatus), clientGone);
        }
        catch (Exception e) when (e is StreamResetException or OperationCanceledException && clientGone.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }
        catch (StreamResetException e)
        {
            options.Report?.Invoke("The client did not wait for the command's status.", e);
        }
        finally
        {
            channels.Abandon();
            Complete(channels);
            await resizing;
        }
    }

    private static async Task<RemoteCommandOutcome> RunAsync(Func<RemoteCommandStreams, Task<RemoteCommandOutcome>> run, RemoteCommandStreams streams, StreamingOptions options)
    {
        try
        {
            return await run(streams);
        }
        catch (Exception e)
        {
            // Whatever it is, it ends this command and not the server; the client sees it, and so does the log.
            options.Report?.Invoke("A remote command's handler failed.", e);
            return new RemoteCommandOutcome.Failed(e.Message);
        }
    }

    private static void Complete(RemoteCommandChannels channels)
    {
        channels.Error.Complete();
        channels.Stdout?.Complete();
        channels.Stderr?.Complete();
        channels.Stdin?.Complete();
        channels.Resize?.Complete();
    }

    private static async Task ReadSizesAsync(StreamChannel? channel, ChannelWriter<TerminalSize> sizes)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ResizeDecoder.MaximumPending);
        try
        {
            ResizeDecoder decoder = new();
            while (channel is not null && await channel.ReadAsync(buffer, CancellationToken.None) is > 0 and int count)
            {
                if (decoder.Add(buffer.AsSpan(0, count)) is { } size)
                    sizes.TryWrite(size);
            }
        }
        catch (Exception e) when (e is StreamResetException or InvalidDataException)
        {
            // A terminal that no longer tells its size keeps the last one; the command goes on.
            channel!.Received.Abandon();
        }
        finally
        {
            sizes.Complete();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
