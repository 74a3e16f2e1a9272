using CriRuntime.Nri.Api;
using Google.Protobuf.Collections;

namespace CriRuntime.Nri.Merging;

/// <summary>Merges fields that have entries: maps by their key, lists by a key of their items. A removal takes back what earlier plugins have added.</summary>
internal sealed class EntryMerge(FieldOwnership owners, string container, string plugin)
{
    /// <param name="asked">What the plugin wants.</param>
    /// <param name="merged">What all want so far.</param>
    /// <param name="shown">What the next plugins see of the container.</param>
    /// <param name="none">The value under a key that is removed.</param>
    internal void Map<T>(Field field, MapField<string, T> asked, MapField<string, T> merged, MapField<string, T> shown, T none)
    {
        foreach (string key in asked.Keys)
        {
            if (Removal.Read(key) is not (string removed, true))
                continue;
            Forget(field, removed, merged.Remove(removed));
            shown.Remove(removed);
            merged[key] = none;
        }

        foreach ((string key, T value) in asked)
        {
            if (Removal.Read(key).Removed)
                continue;
            owners.Claim(container, field, key, plugin);
            merged[key] = value;
            shown[key] = value;
        }
    }

    /// <param name="keyOf">The key of an item, with the mark where it is a removal.</param>
    /// <param name="hide">Takes what has the key out of what the next plugins see of the container.</param>
    /// <param name="show">Adds to it.</param>
    /// <inheritdoc cref="Map"/>
    internal void List<T>(Field field, RepeatedField<T> asked, RepeatedField<T> merged, Func<T, string> keyOf, Action<string> hide, Action<T> show)
    {
        foreach (T item in asked)
        {
            if (Removal.Read(keyOf(item)) is not (string removed, true))
                continue;
            // Leaving out a namespace is itself a choice that validators must see.
            Forget(field, removed, Take(merged, removed, keyOf) || field == Field.Namespace);
            hide(removed);
            Take(merged, Removal.Of(removed), keyOf);
            merged.Add(item);
        }

        foreach (T item in asked)
        {
            string key = keyOf(item);
            if (Removal.Read(key).Removed)
                continue;
            owners.Claim(container, field, key, plugin);
            merged.Add(item);
            hide(key);
            show(item);
        }
    }

    /// <summary>Takes the items with the key out of a list.</summary>
    internal static bool Take<T>(RepeatedField<T> items, string key, Func<T, string> keyOf)
    {
        bool found = false;
        for (int i = items.Count - 1; i >= 0; i--)
        {
            if (keyOf(items[i]) != key)
                continue;
            items.RemoveAt(i);
            found = true;
        }

        return found;
    }

    private void Forget(Field field, string key, bool wasSet)
    {
        if (wasSet)
            owners.Clear(container, field, key, plugin);
    }
}
