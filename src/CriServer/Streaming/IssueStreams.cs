using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Streaming;

/// <summary>
/// Exec, Attach and PortForward as the CRI has them: the request is checked, kept under a token, and answered with the URL of the
/// streaming server at which the client claims it.
/// </summary>
public sealed class IssueStreams(RuntimeState state, ExecLaunch launch, StreamingServer server)
{
    /// <exception cref="CriException">InvalidArgument; NotFound; FailedPrecondition unless it runs; ResourceExhausted.</exception>
    public Uri Exec(string idOrPrefix, IReadOnlyList<string> command, StreamSelection streams)
    {
        Check(streams);
        Container container = launch.Find(idOrPrefix, command);
        return server.Issue("exec", new ExecTicket(container.Id, command, streams));
    }

    /// <inheritdoc cref="Exec"/>
    public Uri Attach(string idOrPrefix, StreamSelection streams)
    {
        Check(streams);
        Container container = state.Containers.Get(idOrPrefix);
        if (!container.IsAlive)
            throw CriException.FailedPrecondition($"{container} is {container.Phase}: there is nothing to attach to");
        if (streams.Terminal != container.Config.Tty)
            throw CriException.InvalidArgument($"{container} was created with{(container.Config.Tty ? "" : "out")} a terminal, so attach with tty={(container.Config.Tty ? "true" : "false")}");
        if (streams.Stdin && !container.Config.Stdin)
            throw CriException.FailedPrecondition($"{container} was created without stdin, so nothing can be sent to it");
        return server.Issue("attach", new AttachTicket(container.Id, streams));
    }

    /// <inheritdoc cref="Exec"/>
    public Uri PortForward(string idOrPrefix, IReadOnlyList<int> ports)
    {
        foreach (int port in ports)
        {
            if (port is < 1 or > 65535)
                throw CriException.InvalidArgument($"port {port} is not between 1 and 65535");
        }

        PodSandbox pod = state.Pods.Get(idOrPrefix);
        if (pod.Phase != SandboxPhase.Ready)
            throw CriException.FailedPrecondition($"{pod} is {pod.Phase}, not Ready: no port of it can be reached");
        return server.Issue("portforward", new PortForwardTicket(pod.Id, ports));
    }

    private static void Check(StreamSelection streams)
    {
        if (streams is { Stdin: false, Stdout: false, Stderr: false })
            throw CriException.InvalidArgument("one of stdin, stdout and stderr must be true");
        if (streams is { Terminal: true, Stderr: true })
            throw CriException.InvalidArgument("tty and stderr can't both be true: a terminal's stderr comes on stdout");
    }
}
