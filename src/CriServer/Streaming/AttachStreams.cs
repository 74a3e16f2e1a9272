using CriRuntime.Conmon.Protocol;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Observability;
using CriRuntime.CriServer.State;
using CriRuntime.Streaming;

namespace CriRuntime.CriServer.Streaming;

/// <summary>
/// Attach: a client at the streams of a container's first process, from now on and for as long as either lives. The monitor copies; a
/// client that does not keep up is dropped and told why, and nobody else notices. With a terminal, Ctrl-P Ctrl-Q detaches.
/// </summary>
public sealed class AttachStreams(RuntimeState state, MonitorRegistry monitors, Telemetry telemetry)
{
    /// <summary>What the monitor may be ahead of the client by, beside what this process has in hand.</summary>
    private const int PipeSize = 1 << 20;

    public async Task<RemoteCommandOutcome> RunAsync(AttachTicket ticket, RemoteCommandStreams client)
    {
        try
        {
            Container container = state.Containers.Get(ticket.ContainerId);
            if (!container.IsAlive)
                throw CriException.FailedPrecondition($"it is {container.Phase}: there is nothing to attach to");
            return await RunAsync(container, ticket.Streams, client).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CriException or MonitorException)
        {
            return new RemoteCommandOutcome.Failed($"attach to container {ticket.ContainerId}: {e.Message}");
        }
    }

    private async Task<RemoteCommandOutcome> RunAsync(Container container, StreamSelection streams, RemoteCommandStreams client)
    {
        IMonitor monitor = monitors.Get(container.SandboxId);
        using ExecPipes pipes = new(streams, PipeSize);
        ExecStdio theirs = pipes.Theirs;
        IMonitorAttachment attachment = await monitor
            .AttachAsync(new MonitorAttach(container.Id, theirs.Stdin, theirs.Stdout, theirs.Stderr), client.ClientGone).ConfigureAwait(false);
        pipes.CloseTheirs();
        if (streams.Terminal)
            _ = TerminalSizes.FollowAsync(client.Resizes, size => Resize(monitor, container.Id, size));

        TaskCompletionSource detached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Stream? input = streams.Terminal && client.Stdin is { } keys ? new DetachableInput(keys, detached) : client.Stdin;
        _ = StreamCopy.InputAsync(input, pipes.Stdin, close: true);
        Task output = Task.WhenAll(
            StreamCopy.OutputAsync(pipes.Stdout, client.Stdout, attachment.Ended, TimeSpan.Zero),
            StreamCopy.OutputAsync(pipes.Stderr, client.Stderr, attachment.Ended, TimeSpan.Zero));
        Task gone = Task.Delay(Timeout.Infinite, client.ClientGone);
        Task first = await Task.WhenAny(attachment.Ended, detached.Task, gone).ConfigureAwait(false);
        if (first != attachment.Ended)
        {
            await attachment.DetachAsync(CancellationToken.None).ConfigureAwait(false);
            return new RemoteCommandOutcome.Succeeded();
        }

        string dropped = await attachment.Ended.ConfigureAwait(false);
        await Task.WhenAny(output, gone).ConfigureAwait(false);
        if (dropped.Length == 0)
            return new RemoteCommandOutcome.Succeeded();
        telemetry.AttachmentDropped();
        return new RemoteCommandOutcome.Failed($"attachment to {container} dropped: {dropped}");
    }

    private static void Resize(IMonitor monitor, string containerId, TerminalSize size) =>
        // Not waited for: the next size supersedes this one, and a container that is gone has none.
        _ = monitor.ResizeAsync(containerId, size.Width, size.Height, CancellationToken.None)
            .ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
