namespace CriRuntime.Conmon.Protocol;

/// <summary>The exec has begun. With Terminal the master side of its pseudo-terminal comes with the frame.</summary>
/// <param name="ExecId">Names it in KillExec, Resize and ExecExited; not used again in the monitor's life.</param>
/// <param name="Pid">In the host's pid namespace.</param>
/// <param name="Moments">Of its launch.</param>
public readonly record struct ExecReply(long ExecId, int Pid, LaunchMoments Moments) : IPayload
{
    public void Write(ref PayloadWriter writer)
    {
        writer.Write(ExecId);
        writer.Write(Pid);
        Moments.Write(ref writer);
    }

    public static ExecReply Read(ref PayloadReader reader) => new(reader.ReadInt64(), reader.ReadInt32(), LaunchMoments.Read(ref reader));
}
