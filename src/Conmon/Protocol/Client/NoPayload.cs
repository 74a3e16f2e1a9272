namespace CriRuntime.Conmon.Protocol;

/// <summary>The payload of messages that say everything by their type.</summary>
public readonly struct NoPayload : IPayload
{
    public void Write(ref PayloadWriter writer)
    {
    }
}
