using CriRuntime.Streaming;

namespace CriRuntime.CriServer.Streaming;

/// <summary>From a redeemed ticket to the class that serves it.</summary>
public sealed class StreamHandlers(ExecStreams execs, AttachStreams attachments, PortForwards portForwards)
{
    internal Task ServeAsync(HttpContext context, StreamTicket ticket, StreamingOptions options) => ticket switch
    {
        ExecTicket exec => StreamingEndpoints.ServeRemoteCommandAsync(context, Options(exec.Streams), streams => execs.RunAsync(exec, streams), options),
        AttachTicket attach => StreamingEndpoints.ServeRemoteCommandAsync(context, Options(attach.Streams), streams => attachments.RunAsync(attach, streams), options),
        PortForwardTicket forward => StreamingEndpoints.ServePortForwardAsync(
            context, forward.Ports, (port, cancellationToken) => portForwards.ConnectAsync(forward.SandboxId, port, cancellationToken), options),
        _ => throw new ArgumentException($"nothing serves {ticket.GetType().Name}", nameof(ticket)),
    };

    private static RemoteCommandOptions Options(StreamSelection streams) => new(streams.Stdin, streams.Stdout, streams.Stderr, streams.Terminal);
}
