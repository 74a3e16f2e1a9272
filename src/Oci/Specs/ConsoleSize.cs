namespace CriRuntime.Oci.Specs;

/// <summary>Size of a terminal in characters.</summary>
public sealed record ConsoleSize
{
    public uint Height { get; init; }

    public uint Width { get; init; }
}
