namespace CriRuntime.CriServer.Specs;

/// <summary>Who a container's process runs as, in numbers.</summary>
/// <param name="Home">An absolute path for HOME; without line breaks.</param>
public sealed record ResolvedUser(uint Uid, uint Gid, IReadOnlyList<uint> AdditionalGids, string Home)
{
    public static ResolvedUser Root { get; } = new(0, 0, [], "/root");
}
