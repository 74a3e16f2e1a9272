namespace CriRuntime.Conmon.Protocol;

/// <summary>First on every connection: the versions that the daemon speaks, both inclusive.</summary>
public readonly record struct HelloRequest(int OldestVersion, int NewestVersion) : IPayload
{
    public void Write(ref PayloadWriter writer)
    {
        writer.Write(OldestVersion);
        writer.Write(NewestVersion);
    }

    public static HelloRequest Read(ref PayloadReader reader) => new(reader.ReadInt32(), reader.ReadInt32());
}
