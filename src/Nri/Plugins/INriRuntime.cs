using CriRuntime.Nri.Api;

namespace CriRuntime.Nri.Plugins;

/// <summary>What plugins want of the runtime.</summary>
public interface INriRuntime
{
    /// <summary>Everything that exists now. Called while no turn is under way, so that what it misses comes as an event.</summary>
    (IReadOnlyList<PodSandbox> Pods, IReadOnlyList<Container> Containers) Describe();

    /// <summary>Changes resources of containers, as far as that is possible.</summary>
    /// <param name="plugin">Who wants it.</param>
    /// <returns>What failed and may not be ignored.</returns>
    Task<IReadOnlyList<ContainerUpdate>> UpdateAsync(string plugin, IReadOnlyList<ContainerUpdate> updates, CancellationToken cancellationToken);

    /// <summary>Stops containers, as far as that is possible.</summary>
    Task EvictAsync(string plugin, IReadOnlyList<ContainerEviction> evictions, CancellationToken cancellationToken);
}
