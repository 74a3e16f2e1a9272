namespace CriRuntime.Conmon.Protocol;

/// <summary>An attachment is over: its descriptors are closed in the monitor.</summary>
/// <param name="AttachId">From the reply to Attach.</param>
/// <param name="Dropped">It was ended because its reader did not keep up; output of the container is missing at its end.</param>
/// <param name="Reason">In words.</param>
public sealed record AttachmentEnd(long AttachId, bool Dropped, string Reason) : IPayload
{
    public void Write(ref PayloadWriter writer)
    {
        writer.Write(AttachId);
        writer.Write(Dropped);
        writer.Write(Reason);
    }

    public static AttachmentEnd Read(ref PayloadReader reader) => new(reader.ReadInt64(), reader.ReadBool(), reader.ReadString());
}
