namespace CriRuntime.Conmon.Protocol;

/// <summary>
/// A process to be started in a running container. With the frame come the plan's descriptor and then stdin, stdout and
/// stderr, those of them that are said to be there; they become the process's own, so its bytes never pass through the monitor.
/// </summary>
public sealed record ExecMessage(string ContainerId, bool Terminal, bool HasStdin, bool HasStdout, bool HasStderr) : IPayload
{
    /// <summary>The cgroup (v2) that the plan makes for this process alone; empty: none. Emptied and removed when the process ends.</summary>
    public string CgroupDirectory { get; init; } = "";

    /// <summary>The plan starts another runtime's binary that starts the process; null: it clones the process.</summary>
    public BinaryOptions? Binary { get; init; }

    public void Write(ref PayloadWriter writer)
    {
        writer.Write(ContainerId);
        writer.Write(Terminal);
        writer.Write(HasStdin);
        writer.Write(HasStdout);
        writer.Write(HasStderr);
        writer.Write(CgroupDirectory);
        BinaryOptions.WriteOptional(ref writer, Binary);
    }

    public static ExecMessage Read(ref PayloadReader reader)
    {
        ExecMessage message = new(reader.ReadString(), reader.ReadBool(), reader.ReadBool(), reader.ReadBool(), reader.ReadBool());
        // An older daemon's ends here.
        return reader.AtEnd ? message : message with { CgroupDirectory = reader.ReadString(), Binary = BinaryOptions.ReadOptional(ref reader) };
    }
}
