namespace CriRuntime.CriServer.Stats;

/// <summary>One network interface since it was made (proc_pid_net(5), <c>dev</c>).</summary>
internal sealed record InterfaceCounters(string Name, InterfaceTraffic Received, InterfaceTraffic Sent);

/// <summary>One direction.</summary>
internal readonly record struct InterfaceTraffic(ulong Bytes, ulong Packets, ulong Errors, ulong Dropped);
