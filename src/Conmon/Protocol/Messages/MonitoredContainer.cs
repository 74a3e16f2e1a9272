namespace CriRuntime.Conmon.Protocol;

/// <summary>One container in the reply to List, one frame each.</summary>
/// <param name="Id">As given at creation.</param>
/// <param name="Pid">Its first process; that of the past when it has exited.</param>
/// <param name="State">Where it stands.</param>
/// <param name="LostLogBytes">Output that could not be written to the log (a full disk) and was dropped.</param>
/// <param name="Exit">Set when the state is Exited.</param>
public sealed record MonitoredContainer(string Id, int Pid, MonitoredState State, long LostLogBytes, ContainerExit? Exit) : IPayload
{
    /// <summary>Bytes of log entries dropped by <see cref="LogOptions.BytesPerSecond"/>.</summary>
    public long RateLimitedLogBytes { get; init; }

    /// <summary>Attachments that were ended because their readers did not keep up.</summary>
    public int DroppedAttachments { get; init; }

    public void Write(ref PayloadWriter writer)
    {
        writer.Write(Id);
        writer.Write(Pid);
        writer.Write((int)State);
        writer.Write(LostLogBytes);
        writer.Write(Exit is not null);
        Exit?.Write(ref writer);
        writer.Write(RateLimitedLogBytes);
        writer.Write(DroppedAttachments);
    }

    public static MonitoredContainer Read(ref PayloadReader reader)
    {
        MonitoredContainer container = new(
            reader.ReadString(),
            reader.ReadInt32(),
            (MonitoredState)reader.ReadInt32(),
            reader.ReadInt64(),
            reader.ReadBool() ? ContainerExit.Read(ref reader) : null);
        // An older monitor's ends here.
        return reader.AtEnd ? container : container with { RateLimitedLogBytes = reader.ReadInt64(), DroppedAttachments = reader.ReadInt32() };
    }
}

/// <summary>Where a container stands in its life, as the monitor knows it.</summary>
public enum MonitoredState
{
    /// <summary>Its process is being set up.</summary>
    Creating = 0,

    /// <summary>It waits just before exec.</summary>
    Created = 1,

    /// <summary>It was released, exec has not been confirmed.</summary>
    Starting = 2,
    Running = 3,
    Exited = 4,
}
