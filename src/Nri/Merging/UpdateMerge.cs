using CriRuntime.Nri.Api;

namespace CriRuntime.Nri.Merging;

/// <summary>Merges the updates that several plugins want of containers.</summary>
/// <param name="updated">The container that is being updated: what plugins want of it changes the request. Null: none.</param>
/// <param name="own">The request.</param>
/// <param name="creating">The container that is being made: plugins adjust it, and may not ask for updates of it. Null: none.</param>
internal sealed class UpdateMerge(FieldOwnership owners, string? updated = null, LinuxResources? own = null, string? creating = null)
{
    private readonly List<ContainerUpdate> _others = [];

    /// <summary>The request with the plugins' changes; null without one.</summary>
    internal LinuxResources? Own { get; private set; } = own;

    internal IReadOnlyList<ContainerUpdate> Others => _others;

    /// <exception cref="NriException">A contradiction that may not be ignored, or an update of the container that is being made.</exception>
    internal void Apply(string plugin, IEnumerable<ContainerUpdate> updates)
    {
        foreach (ContainerUpdate update in updates)
        {
            if (update.ContainerId == creating)
                throw new NriException($"NRI plugin {plugin} asks for an update of the container that is being created; it can adjust it");
            if (update.Linux?.Resources is not { } asked)
                continue;
            try
            {
                Apply(plugin, update, asked);
            }
            catch (NriException) when (update.IgnoreFailure)
            {
                // The plugin can do without, and the one that was first keeps what it set.
            }
        }
    }

    private void Apply(string plugin, ContainerUpdate update, LinuxResources asked)
    {
        ResourceMerge merge = new(owners, update.ContainerId, plugin);
        if (update.ContainerId == updated)
        {
            LinuxResources changed = Own!.Clone();
            merge.Apply(asked, changed);
            Own = changed;
            return;
        }

        ContainerUpdate? former = _others.Find(other => other.ContainerId == update.ContainerId);
        LinuxResources resources = former?.Linux.Resources.Clone() ?? new LinuxResources();
        merge.Apply(asked, resources);
        if (former is null)
        {
            former = new ContainerUpdate { ContainerId = update.ContainerId, IgnoreFailure = true };
            _others.Add(former);
        }

        former.Linux = new LinuxContainerUpdate { Resources = resources };
        former.IgnoreFailure &= update.IgnoreFailure;
    }
}
