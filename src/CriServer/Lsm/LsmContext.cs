namespace CriRuntime.CriServer.Lsm;

/// <summary>What the node's security modules are told of a container.</summary>
/// <param name="AppArmorProfile">The name of a loaded profile; null: unconfined.</param>
public sealed record LsmContext(string? AppArmorProfile)
{
    public static LsmContext None { get; } = new((string?)null);
}
