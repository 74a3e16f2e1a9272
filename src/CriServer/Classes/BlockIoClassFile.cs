using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;
using CriRuntime.Documents;

namespace CriRuntime.CriServer.Classes;

/// <summary>
/// A file of block I/O classes, in the format that containerd's and CRI-O's <c>blockio_config_file</c> has (goresctrl, doc/blockio.md): <c>Classes</c>, by
/// name a list of items with <c>Devices</c>, <c>Weight</c> and throttles.
/// </summary>
internal static class BlockIoClassFile
{
    internal const int MaxSize = 1 << 20;

    /// <summary>What the kernel can count operations in.</summary>
    private const ulong MaxIops = uint.MaxValue;

    /// <param name="path">Its extension tells JSON from YAML.</param>
    /// <exception cref="FormatException">What is wrong with it.</exception>
    /// <exception cref="IOException">It can't be read; nor on <see cref="UnauthorizedAccessException"/>.</exception>
    internal static SortedDictionary<string, IReadOnlyList<BlockIoRule>> Read(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        byte[] content = new byte[MaxSize + 1];
        int length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return length <= MaxSize
            ? Parse(content.AsSpan(0, length), path.EndsWith(".json", StringComparison.Ordinal))
            : throw new FormatException($"it is larger than {MaxSize} bytes");
    }

    /// <exception cref="FormatException">What is wrong with it.</exception>
    internal static SortedDictionary<string, IReadOnlyList<BlockIoRule>> Parse(ReadOnlySpan<byte> content, bool json)
    {
        SortedDictionary<string, IReadOnlyList<BlockIoRule>> classes = new(StringComparer.Ordinal);
        Fields root = new(DocumentTree.Read(content, yaml: !json), "the file");
        if (root.Object("Classes") is { } listed)
        {
            foreach (string name in listed.Names)
                classes[name.Length > 0 ? name : throw new FormatException("Classes: a class has no name")] = listed.Objects(name, Rule);
        }

        root.End();
        return classes;
    }

    /// <summary>Why a configured file can't be used; null: it can.</summary>
    internal static string? ProblemOf(string path)
    {
        try
        {
            Read(path);
            return null;
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private static BlockIoRule Rule(Fields fields)
    {
        BlockIoRule rule = new()
        {
            Devices = fields.Has("Devices") ? [.. fields.Texts("Devices").Select(DevicePattern.Parse)] : null,
            ReadBps = Amount(fields, "ThrottleReadBps", 0, long.MaxValue),
            WriteBps = Amount(fields, "ThrottleWriteBps", 0, long.MaxValue),
            ReadIops = Amount(fields, "ThrottleReadIOPS", 0, MaxIops),
            WriteIops = Amount(fields, "ThrottleWriteIOPS", 0, MaxIops),
            Weight = (ushort?)Amount(fields, "Weight", 10, 1000),
        };
        return rule is { Devices: null, Throttles: true } ? throw new FormatException($"{fields.Where} throttles, but lists no Devices") : rule;
    }

    private static ulong? Amount(Fields fields, string name, ulong least, ulong most)
    {
        if (fields.TextOrNumber(name) is not { Length: > 0 } text)
            return null;
        if (!Quantity.TryParse(text, out long value))
            throw new FormatException($"{fields.Where}.{name}: \"{TextLimits.Shorten(text)}\" is not a quantity such as 50M");
        return (ulong)value >= least && (ulong)value <= most
            ? (ulong)value
            : throw new FormatException($"{fields.Where}.{name}: {TextLimits.Shorten(text)} is not between {least} and {most}");
    }
}
