namespace CriRuntime.Conmon.Protocol;

/// <summary>The container's first process, in the monitor's (the host's) pid namespace.</summary>
public readonly record struct CreateContainerReply(int Pid) : IPayload
{
    public void Write(ref PayloadWriter writer) => writer.Write(Pid);

    public static CreateContainerReply Read(ref PayloadReader reader) => new(reader.ReadInt32());
}
