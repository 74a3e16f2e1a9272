namespace CriRuntime.Conmon.Protocol;

/// <summary>The payload of a reply with the Error flag.</summary>
public readonly record struct FailureMessage(MonitorErrorKind Kind, string Message) : IPayload
{
    public void Write(ref PayloadWriter writer)
    {
        writer.Write((int)Kind);
        writer.Write(Message);
    }

    public static FailureMessage Read(ref PayloadReader reader) => new((MonitorErrorKind)reader.ReadInt32(), reader.ReadString());
}
