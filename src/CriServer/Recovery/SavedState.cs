using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Recovery;

/// <summary>What an earlier daemon left on disk.</summary>
/// <param name="OrphanDirectories">Ids of pod directories without a readable pod in them.</param>
public sealed record SavedState(
    IReadOnlyList<PodSandbox> Pods,
    IReadOnlyList<Container> Containers,
    IReadOnlyList<OwedRecord> Owed,
    IReadOnlyList<string> OrphanDirectories);
