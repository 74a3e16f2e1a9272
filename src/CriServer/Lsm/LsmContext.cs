namespace CriRuntime.CriServer.Lsm;

/// <summary>What the node's security modules are told of a container.</summary>
/// <param name="AppArmorProfile">The name of a loaded profile; null: unconfined.</param>
/// <param name="ProcessLabel">The SELinux context of its processes; null: as the policy has it.</param>
/// <param name="FilesLabel">The SELinux context of its files and mounts; null: SELinux is not used.</param>
public sealed record LsmContext(string? AppArmorProfile, string? ProcessLabel, string? FilesLabel)
{
    public static LsmContext None { get; } = new(null, null, null);
}
