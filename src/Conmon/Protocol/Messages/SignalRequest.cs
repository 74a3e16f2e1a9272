namespace CriRuntime.Conmon.Protocol;

/// <summary>Signals a container's first process.</summary>
/// <param name="Signal">1 to 64.</param>
public readonly record struct SignalRequest(string Id, int Signal) : IPayload
{
    public void Write(ref PayloadWriter writer)
    {
        writer.Write(Id);
        writer.Write(Signal);
    }

    public static SignalRequest Read(ref PayloadReader reader) => new(reader.ReadString(), reader.ReadInt32());
}
