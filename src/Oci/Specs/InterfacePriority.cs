namespace CriRuntime.Oci.Specs;

/// <summary>Priority of egress traffic on one interface.</summary>
public sealed record InterfacePriority
{
    private readonly string? name;

    public string Name { get => name ?? ""; init => name = value; }

    public uint Priority { get; init; }
}
