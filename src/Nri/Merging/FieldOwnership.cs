using CriRuntime.Nri.Api;

namespace CriRuntime.Nri.Merging;

/// <summary>
/// Which plugin has set what, by container. A field, or an entry of one that has entries, may be set once; after a plugin has removed what an earlier one
/// had set, that plugin alone may set it again.
/// </summary>
internal sealed class FieldOwnership
{
    private readonly OwningPlugins _owners = new();

    /// <summary>As validators get it.</summary>
    internal OwningPlugins Message => _owners;

    /// <exception cref="NriException">Another has it; both are named.</exception>
    internal void Claim(string container, Field field, string plugin)
    {
        FieldOwners owners = Of(container);
        if (owners.Simple.TryGetValue((int)field, out string? owner))
            EnsureCleared(owner, plugin, field, "");
        owners.Simple[(int)field] = plugin;
    }

    /// <inheritdoc cref="Claim(string, Field, string)"/>
    internal void Claim(string container, Field field, string key, string plugin)
    {
        CompoundFieldOwners entries = EntriesOf(container, field);
        if (entries.Owners.TryGetValue(key, out string? owner))
            EnsureCleared(owner, plugin, field, key);
        entries.Owners[key] = plugin;
    }

    /// <summary>For what every plugin may add to: the owners are listed.</summary>
    internal void Share(string container, Field field, string plugin)
    {
        FieldOwners owners = Of(container);
        owners.Simple[(int)field] = owners.Simple.TryGetValue((int)field, out string? others) ? $"{others},{plugin}" : plugin;
    }

    /// <summary>The plugin has removed what was set.</summary>
    internal void Clear(string container, Field field, string plugin) => Of(container).Simple[(int)field] = Removal.Of(plugin);

    /// <inheritdoc cref="Clear(string, Field, string)"/>
    internal void Clear(string container, Field field, string key, string plugin) => EntriesOf(container, field).Owners[key] = Removal.Of(plugin);

    private static void EnsureCleared(string owner, string plugin, Field field, string key)
    {
        (string other, bool cleared) = Removal.Read(owner);
        if (!cleared || other != plugin)
            throw new NriException($"NRI plugins {other} and {plugin} both set {field}{(key.Length > 0 ? $" \"{key}\"" : "")} of the container");
    }

    private FieldOwners Of(string container)
    {
        if (!_owners.Owners.TryGetValue(container, out FieldOwners? owners))
            _owners.Owners[container] = owners = new FieldOwners();
        return owners;
    }

    private CompoundFieldOwners EntriesOf(string container, Field field)
    {
        FieldOwners owners = Of(container);
        if (!owners.Compound.TryGetValue((int)field, out CompoundFieldOwners? entries))
            owners.Compound[(int)field] = entries = new CompoundFieldOwners();
        return entries;
    }
}
