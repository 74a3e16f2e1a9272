namespace CriRuntime.Conmon.Protocol;

/// <summary>A request about one container that needs nothing but its id: StartContainer, KillAll, DeleteContainer, ReopenLog.</summary>
public readonly record struct ContainerRequest(string Id) : IPayload
{
    public void Write(ref PayloadWriter writer) => writer.Write(Id);

    public static ContainerRequest Read(ref PayloadReader reader) => new(reader.ReadString());
}
