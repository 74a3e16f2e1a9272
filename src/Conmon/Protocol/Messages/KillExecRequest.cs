namespace CriRuntime.Conmon.Protocol;

/// <summary>SIGKILL to an exec's process and to its process group. Succeeds when it has ended already.</summary>
public readonly record struct KillExecRequest(long ExecId) : IPayload
{
    public void Write(ref PayloadWriter writer) => writer.Write(ExecId);

    public static KillExecRequest Read(ref PayloadReader reader) => new(reader.ReadInt64());
}
