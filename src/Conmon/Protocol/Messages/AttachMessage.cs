namespace CriRuntime.Conmon.Protocol;

/// <summary>
/// Wants a container's output from now on, or to be its stdin. With the frame come those descriptors that are said to be
/// there: the reading end of a pipe for stdin, writing ends for stdout and stderr.
/// </summary>
public readonly record struct AttachMessage(string ContainerId, bool HasStdin, bool HasStdout, bool HasStderr) : IPayload
{
    public void Write(ref PayloadWriter writer)
    {
        writer.Write(ContainerId);
        writer.Write(HasStdin);
        writer.Write(HasStdout);
        writer.Write(HasStderr);
    }

    public static AttachMessage Read(ref PayloadReader reader) =>
        new(reader.ReadString(), reader.ReadBool(), reader.ReadBool(), reader.ReadBool());
}

/// <summary>The reply to Attach, and the payload of Detach.</summary>
/// <param name="AttachId">Names it in Detach and AttachmentEnded; not used again in the monitor's life.</param>
public readonly record struct AttachmentName(long AttachId) : IPayload
{
    public void Write(ref PayloadWriter writer) => writer.Write(AttachId);

    public static AttachmentName Read(ref PayloadReader reader) => new(reader.ReadInt64());
}
