namespace CriRuntime.Conmon.Protocol;

/// <summary>The end of an exec's process; children that it left behind may still hold its output open.</summary>
/// <param name="ExitCode">0 to 255; 128 + n for death by signal n.</param>
public readonly record struct ExecExit(long ExecId, int ExitCode) : IPayload
{
    public void Write(ref PayloadWriter writer)
    {
        writer.Write(ExecId);
        writer.Write(ExitCode);
    }

    public static ExecExit Read(ref PayloadReader reader) => new(reader.ReadInt64(), reader.ReadInt32());
}
