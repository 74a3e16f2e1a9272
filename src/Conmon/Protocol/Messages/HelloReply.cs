namespace CriRuntime.Conmon.Protocol;

/// <summary>What the monitor is: the version to speak, its pid, and its pod (empty before Assign).</summary>
public readonly record struct HelloReply(int Version, int Pid, string PodId) : IPayload
{
    public void Write(ref PayloadWriter writer)
    {
        writer.Write(Version);
        writer.Write(Pid);
        writer.Write(PodId);
    }

    public static HelloReply Read(ref PayloadReader reader) => new(reader.ReadInt32(), reader.ReadInt32(), reader.ReadString());
}
