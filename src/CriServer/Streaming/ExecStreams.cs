using CriRuntime.Conmon.Protocol;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Monitors;
using CriRuntime.Linux;
using CriRuntime.Streaming;

namespace CriRuntime.CriServer.Streaming;

/// <summary>
/// Exec: a command in a running container whose streams are those of a client far away. The command ends the session, not the end of
/// its output: what a child in the background still writes nobody waits for. A client that goes ends the command: its terminal hangs
/// up or its pipes close, and what has not ended some seconds later is killed, for nobody could see or end it any more.
/// </summary>
public sealed class ExecStreams(ExecLaunch launch, TimeProvider time)
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(10);

    public async Task<RemoteCommandOutcome> RunAsync(ExecTicket ticket, RemoteCommandStreams client)
    {
        try
        {
            Container container = launch.Find(ticket.ContainerId, ticket.Command);
            return ticket.Streams.Terminal
                ? await RunWithTerminalAsync(container, ticket, client).ConfigureAwait(false)
                : await RunWithPipesAsync(container, ticket, client).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CriException or MonitorException)
        {
            return new RemoteCommandOutcome.Failed(e.Message); // which names the container
        }
    }

    private async Task<RemoteCommandOutcome> RunWithTerminalAsync(Container container, ExecTicket ticket, RemoteCommandStreams client)
    {
        IMonitorExec exec = await launch.StartAsync(container, ticket.Command, ExecStdio.NewTerminal, client.ClientGone).ConfigureAwait(false);
        DescriptorStream terminal = new(exec.Terminal!);
        await using (terminal.ConfigureAwait(false))
        {
            _ = TerminalSizes.FollowAsync(client.Resizes, size => terminal.Resize(size.Width, size.Height));
            _ = StreamCopy.InputAsync(client.Stdin, terminal, close: false);
            Task output = StreamCopy.OutputAsync(terminal, client.Stdout, exec.ExitCode, StreamCopy.TerminalLag);
            return await FinishAsync(exec, output, client, terminal).ConfigureAwait(false);
        }
    }

    private async Task<RemoteCommandOutcome> RunWithPipesAsync(Container container, ExecTicket ticket, RemoteCommandStreams client)
    {
        using ExecPipes pipes = new(ticket.Streams);
        IMonitorExec exec = await launch.StartAsync(container, ticket.Command, pipes.Theirs, client.ClientGone).ConfigureAwait(false);
        pipes.CloseTheirs();
        _ = StreamCopy.InputAsync(client.Stdin, pipes.Stdin, close: true);
        Task output = Task.WhenAll(
            StreamCopy.OutputAsync(pipes.Stdout, client.Stdout, exec.ExitCode, TimeSpan.Zero),
            StreamCopy.OutputAsync(pipes.Stderr, client.Stderr, exec.ExitCode, TimeSpan.Zero));
        return await FinishAsync(exec, output, client, pipes).ConfigureAwait(false);
    }

    private async Task<RemoteCommandOutcome> FinishAsync(IMonitorExec exec, Task output, RemoteCommandStreams client, IAsyncDisposable streams)
    {
        try
        {
            int exitCode = await exec.ExitCode.WaitAsync(client.ClientGone).ConfigureAwait(false);
            await output.WaitAsync(client.ClientGone).ConfigureAwait(false);
            return RemoteCommandOutcome.FromExitCode(exitCode);
        }
        catch (OperationCanceledException)
        {
            await streams.DisposeAsync().ConfigureAwait(false);
            await ((Task)exec.ExitCode).WaitAsync(Farewell, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!exec.ExitCode.IsCompleted)
                await exec.KillAsync(CancellationToken.None).ConfigureAwait(false);
            return new RemoteCommandOutcome.Failed("the client has gone");
        }
    }
}
