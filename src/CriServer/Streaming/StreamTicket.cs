namespace CriRuntime.CriServer.Streaming;

/// <summary>What a client will want when it comes to the URL that Exec, Attach or PortForward gave it.</summary>
public abstract record StreamTicket;

/// <param name="ContainerId">Whole, not a prefix.</param>
public sealed record ExecTicket(string ContainerId, IReadOnlyList<string> Command, StreamSelection Streams) : StreamTicket;

public sealed record AttachTicket(string ContainerId, StreamSelection Streams) : StreamTicket;

/// <param name="Ports">1 to 65535; empty: the client names them stream by stream.</param>
public sealed record PortForwardTicket(string SandboxId, IReadOnlyList<int> Ports) : StreamTicket;

/// <summary>Which streams a client wants. With a terminal, stderr comes on stdout.</summary>
public sealed record StreamSelection(bool Stdin, bool Stdout, bool Stderr, bool Terminal);
