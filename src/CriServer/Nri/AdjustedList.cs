using CriRuntime.Nri.Merging;
using Google.Protobuf.Collections;

namespace CriRuntime.CriServer.Nri;

/// <summary>A list whose items have keys, with the items that plugins want, and without those that they do not.</summary>
internal static class AdjustedList
{
    /// <param name="wantedKey">The key of what is wanted, with the mark where it is a removal.</param>
    /// <param name="read">Makes an item of what is wanted; it goes to the end, in place of one with its key.</param>
    internal static IReadOnlyList<T> Of<T, TWanted>(
        IReadOnlyList<T> list, RepeatedField<TWanted> wanted, Func<T, string> key, Func<TWanted, string> wantedKey, Func<TWanted, T> read)
    {
        if (wanted.Count == 0)
            return list;
        List<T> adjusted = [.. list];
        foreach (TWanted item in wanted)
        {
            (string name, bool removed) = Removal.Read(wantedKey(item));
            adjusted.RemoveAll(former => key(former) == name);
            if (!removed)
                adjusted.Add(read(item));
        }

        return adjusted;
    }
}
