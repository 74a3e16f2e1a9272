namespace CriRuntime.Conmon.Protocol;

/// <summary>
/// A process to be started in a running container. With the frame come the plan's descriptor and then stdin, stdout and
/// stderr, those of them that are said to be there; they become the process's own, so its bytes never pass through the monitor.
/// </summary>
public readonly record struct ExecMessage(string ContainerId, bool Terminal, bool HasStdin, bool HasStdout, bool HasStderr) : IPayload
{
    public void Write(ref PayloadWriter writer)
    {
        writer.Write(ContainerId);
        writer.Write(Terminal);
        writer.Write(HasStdin);
        writer.Write(HasStdout);
        writer.Write(HasStderr);
    }

    public static ExecMessage Read(ref PayloadReader reader) =>
        new(reader.ReadString(), reader.ReadBool(), reader.ReadBool(), reader.ReadBool(), reader.ReadBool());
}
