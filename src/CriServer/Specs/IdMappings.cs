using CriRuntime.CriServer.Sandboxes;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>Ranges of ids in the OCI's terms.</summary>
internal static class IdMappings
{
    internal static IReadOnlyList<IdMapping> ToOci(IReadOnlyList<IdRange>? ranges) =>
        ranges is null ? [] : [.. ranges.Select(r => new IdMapping { ContainerId = r.ContainerId, HostId = r.HostId, Size = r.Length })];
}
