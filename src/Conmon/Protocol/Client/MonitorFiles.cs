namespace CriRuntime.Conmon.Protocol;

/// <summary>Names of what a monitor puts into its pod's directory.</summary>
public static class MonitorFiles
{
    /// <summary>Where it listens (SOCK_SEQPACKET).</summary>
    public const string Socket = "conmon.sock";

    /// <summary>Its pid in decimal, for people; programs use the socket's peer credentials.</summary>
    public const string Pid = "conmon.pid";

    /// <summary>Its own warnings and errors, at most 256 KiB.</summary>
    public const string Log = "conmon.log";
}
