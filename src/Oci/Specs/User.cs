namespace CriRuntime.Oci.Specs;

/// <summary>User and groups of a process (config.md, POSIX-platform User).</summary>
public sealed record User
{
    private readonly IReadOnlyList<uint>? additionalGids;

    public IReadOnlyList<uint> AdditionalGids { get => additionalGids ?? []; init => additionalGids = value; }

    public uint Uid { get; init; }

    public uint Gid { get; init; }

    /// <summary>File mode creation mask; null keeps the runtime's 022.</summary>
    public uint? Umask { get; init; }
}
