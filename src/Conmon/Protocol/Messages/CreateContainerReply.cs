namespace CriRuntime.Conmon.Protocol;

/// <summary>The container was made.</summary>
/// <param name="Pid">Its first process, in the monitor's (the host's) pid namespace.</param>
/// <param name="Moments">Of its launch.</param>
public readonly record struct CreateContainerReply(int Pid, LaunchMoments Moments) : IPayload
{
    public void Write(ref PayloadWriter writer)
    {
        writer.Write(Pid);
        Moments.Write(ref writer);
    }

    public static CreateContainerReply Read(ref PayloadReader reader) => new(reader.ReadInt32(), LaunchMoments.Read(ref reader));
}
