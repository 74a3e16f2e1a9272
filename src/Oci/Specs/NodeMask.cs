using System.Globalization;

namespace CriRuntime.Oci.Specs;

/// <summary>Lists of NUMA nodes as in cpuset(7), and the bit masks that system calls take.</summary>
internal static class NodeMask
{
    /// <summary>The kernel's largest MAX_NUMNODES.</summary>
    internal const int NodeLimit = 1024;

    /// <summary>A list of that many nodes, each by itself, is no longer.</summary>
    private const int LongestList = 5 * NodeLimit;

    /// <summary>Whole words of a mask with <see cref="NodeLimit"/> bits; empty for an empty list.</summary>
    /// <exception cref="SpecException">Naming <paramref name="field"/>: not such a list, or a node beyond the limit.</exception>
    internal static byte[] Parse(string? list, string field)
    {
        if (string.IsNullOrWhiteSpace(list))
            return [];
        if (list.Length > LongestList)
            throw new SpecException(field, $"is longer than {LongestList} characters");
        byte[] mask = new byte[NodeLimit / 8];
        foreach (Range part in list.AsSpan().Split(','))
        {
            ReadOnlySpan<char> range = list.AsSpan(part).Trim();
            int dash = range.IndexOf('-');
            int first = Node(dash < 0 ? range : range[..dash], list, field);
            int last = dash < 0 ? first : Node(range[(dash + 1)..], list, field);
            if (last < first)
                throw new SpecException(field, $"\"{list}\" has a range that ends before it begins");
            for (int node = first; node <= last; node++)
                mask[node / 8] |= (byte)(1 << (node % 8));
        }

        return mask;
    }

    private static int Node(ReadOnlySpan<char> text, string list, string field)
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int node))
            throw new SpecException(field, $"\"{list}\" is not a list of nodes such as 0-3,7");
        return node < NodeLimit ? node : throw new SpecException(field, $"the node {node} is beyond the kernel's limit of {NodeLimit}");
    }
}
