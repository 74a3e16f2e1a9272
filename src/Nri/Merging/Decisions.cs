using CriRuntime.Nri.Api;

namespace CriRuntime.Nri.Merging;

/// <summary>What all plugins together want of a container that is being made.</summary>
/// <param name="Adjustment">Without contradictions; removals (keys with '-') come before what is added under the same key.</param>
/// <param name="Updates">Of other containers.</param>
/// <param name="Owners">Who wanted what.</param>
public sealed record ContainerDecision(
    ContainerAdjustment Adjustment, IReadOnlyList<ContainerUpdate> Updates, IReadOnlyList<ContainerEviction> Evictions, OwningPlugins Owners);

/// <summary>What plugins make of an update.</summary>
/// <param name="Resources">Of the container that is updated: the request with the plugins' changes.</param>
/// <param name="Others">Updates of other containers.</param>
public sealed record UpdateDecision(LinuxResources Resources, IReadOnlyList<ContainerUpdate> Others, IReadOnlyList<ContainerEviction> Evictions);
