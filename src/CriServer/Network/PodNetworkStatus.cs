namespace CriRuntime.CriServer.Network;

/// <summary>What CNI gave a pod. <paramref name="Ips"/>: addresses without prefix, the primary one first; empty with host networking.</summary>
/// <param name="Result">The CNI result as the last plugin printed it (JSON), for verbose status; empty when there is none.</param>
public sealed record PodNetworkStatus(IReadOnlyList<string> Ips, string Result)
{
    public static PodNetworkStatus None { get; } = new([], "");
}
