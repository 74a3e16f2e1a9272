namespace CriRuntime.Conmon.Protocol;

/// <summary>A container to be made. The plan travels beside the message, in a descriptor.</summary>
/// <param name="Id">Names the container in every later message, and its exit record: no slash, at most 128 characters.</param>
/// <param name="Plan">A launch plan with a start gate.</param>
public sealed record CreateContainerRequest(string Id, ReadOnlyMemory<byte> Plan) : IPayload
{
    /// <summary>The CRI log file, absolute, its directory existing; empty: the output is read and dropped.</summary>
    public string LogPath { get; init; } = "";

    /// <summary>
    /// Where set, LogPath must lie below it, and no symbolic link is followed from there on (the directories above
    /// belong to the administrator, those below may be writable by a pod). Where empty, only the last name of LogPath may not be a link.
    /// </summary>
    public string LogDirectory { get; init; } = "";

    /// <summary>The plan gives the container a pseudo-terminal; its output is logged as stdout.</summary>
    public bool Terminal { get; init; }

    /// <summary>Keeps stdin open for a later attach; otherwise it is /dev/null.</summary>
    public bool Stdin { get; init; }

    /// <summary>Closes stdin after the first attach has ended.</summary>
    public bool StdinOnce { get; init; }

    /// <summary>The container's directory in every cgroup hierarchy: KillAll acts on them, DeleteContainer removes them.</summary>
    public IReadOnlyList<string> CgroupDirectories { get; init; } = [];

    /// <summary>Size, rate and durability of the log.</summary>
    public LogOptions LogOptions { get; init; } = LogOptions.Default;

    /// <summary>The plan starts another runtime's binary that makes the container; null: it clones the container.</summary>
    public BinaryOptions? Binary { get; init; }

    /// <summary>
    /// Where not empty, the plan's program does not become the container but restores it: when it has ended with status 0, this file has the pid of the
    /// container's first process, which by then is the monitor's child, in decimal. A monitor from before this field takes the program for the container.
    /// </summary>
    public string RestoredPidFile { get; init; } = "";

    public void Write(ref PayloadWriter writer)
    {
        writer.Write(Id);
        writer.Write(LogPath);
        writer.Write(LogDirectory);
        writer.Write(Terminal);
        writer.Write(Stdin);
        writer.Write(StdinOnce);
        writer.Write(CgroupDirectories);
        LogOptions.Write(ref writer);
        BinaryOptions.WriteOptional(ref writer, Binary);
        writer.Write(RestoredPidFile);
    }

    /// <summary>Reads everything but the plan.</summary>
    public static CreateContainerRequest Read(ref PayloadReader reader) =>
        new(reader.ReadString(), default)
        {
            LogPath = reader.ReadString(),
            LogDirectory = reader.ReadString(),
            Terminal = reader.ReadBool(),
            Stdin = reader.ReadBool(),
            StdinOnce = reader.ReadBool(),
            CgroupDirectories = reader.ReadStrings(),
            // An older daemon's request ends here.
            LogOptions = reader.AtEnd ? LogOptions.Default : LogOptions.Read(ref reader),
            Binary = BinaryOptions.ReadOptional(ref reader),
            RestoredPidFile = reader.AtEnd ? "" : reader.ReadString(),
        };
}
