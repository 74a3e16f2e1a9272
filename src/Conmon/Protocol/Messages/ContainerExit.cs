namespace CriRuntime.Conmon.Protocol;

/// <summary>The end of a container's first process.</summary>
/// <param name="Id">The container.</param>
/// <param name="ExitCode">0 to 255; 128 + n for death by signal n.</param>
/// <param name="Signal">The signal, or 0.</param>
/// <param name="OomKilled">The kernel's out-of-memory killer struck in the container's cgroup during its life.</param>
/// <param name="FinishedAt">Nanoseconds since the epoch.</param>
public sealed record ContainerExit(string Id, int ExitCode, int Signal, bool OomKilled, long FinishedAt) : IPayload
{
    public void Write(ref PayloadWriter writer)
    {
        writer.Write(Id);
        writer.Write(ExitCode);
        writer.Write(Signal);
        writer.Write(OomKilled);
        writer.Write(FinishedAt);
    }

    public static ContainerExit Read(ref PayloadReader reader) =>
        new(reader.ReadString(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadBool(), reader.ReadInt64());
}
