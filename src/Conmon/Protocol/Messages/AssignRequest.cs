namespace CriRuntime.Conmon.Protocol;

/// <summary>Gives a monitor its pod, once. A monitor may have been started before there was a pod for it.</summary>
/// <param name="PodDirectory">Absolute, existing; conmon.sock, conmon.pid, conmon.log and exits/ are made in it.</param>
/// <param name="PodId">For messages.</param>
/// <param name="CgroupProcs">cgroup.procs files into which the monitor puts itself, one per hierarchy.</param>
/// <param name="LogLevel">What goes to conmon.log.</param>
public sealed record AssignRequest(string PodDirectory, string PodId, IReadOnlyList<string> CgroupProcs, MonitorLogLevel LogLevel) : IPayload
{
    public void Write(ref PayloadWriter writer)
    {
        writer.Write(PodDirectory);
        writer.Write(PodId);
        writer.Write(CgroupProcs);
        writer.Write((int)LogLevel);
    }

    public static AssignRequest Read(ref PayloadReader reader) =>
        new(reader.ReadString(), reader.ReadString(), reader.ReadStrings(), (MonitorLogLevel)reader.ReadInt32());
}

/// <summary>How much the monitor writes to its own log.</summary>
public enum MonitorLogLevel
{
    Error = 0,
    Warning = 1,
    Debug = 2,
}
