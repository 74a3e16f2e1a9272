namespace CriRuntime.Conmon.Protocol;

/// <summary>Sets the size of a container's terminal.</summary>
/// <param name="Width">Columns, 1 to 65535.</param>
/// <param name="Height">Rows, 1 to 65535.</param>
public readonly record struct ResizeRequest(string Id, int Width, int Height) : IPayload
{
    public void Write(ref PayloadWriter writer)
    {
        writer.Write(Id);
        writer.Write(Width);
        writer.Write(Height);
    }

    public static ResizeRequest Read(ref PayloadReader reader) => new(reader.ReadString(), reader.ReadInt32(), reader.ReadInt32());
}
