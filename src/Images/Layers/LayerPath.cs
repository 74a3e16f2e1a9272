namespace CriRuntime.Images.Layers;

/// <summary>A member's name as a relative path without ".", "..", or empty components; empty for the layer's root itself.</summary>
internal readonly ref struct LayerPath
{
    private const int MaxLength = 4095; // PATH_MAX without the NUL
    private const int MaxComponent = 255;

    private LayerPath(ReadOnlySpan<byte> path, int depth)
    {
        Full = path;
        Depth = depth;
    }

    public ReadOnlySpan<byte> Full { get; }

    public int Depth { get; }

    public bool IsRoot => Full.IsEmpty;

    /// <summary>Everything before the last component; empty for a name in the root.</summary>
    public ReadOnlySpan<byte> Parent => Full[..Math.Max(0, Full.LastIndexOf((byte)'/'))];

    public ReadOnlySpan<byte> Name => Full[(Full.LastIndexOf((byte)'/') + 1)..];

    /// <summary>
    /// Cleans a name as it stands in an archive into <paramref name="buffer"/>. A leading slash is dropped, as every tar does; ".." is
    /// taken back lexically and refused where it would climb above the root.
    /// </summary>
    /// <exception cref="InvalidDataException">The name leaves the layer, holds a NUL, or is longer than Linux can hold.</exception>
    public static LayerPath Clean(ReadOnlySpan<byte> name, Span<byte> buffer)
    {
        if (name.Contains((byte)0) || name.Length > MaxLength)
        {
            throw new InvalidDataException($"the name {EntryName.Show(name)} holds a NUL or is longer than {MaxLength} bytes");
        }

        int length = 0;
        int depth = 0;
        foreach (Range part in name.Split((byte)'/'))
        {
            ReadOnlySpan<byte> component = name[part];
            if (component.IsEmpty || component.SequenceEqual("."u8))
            {
                continue;
            }

            if (component.SequenceEqual(".."u8))
            {
                if (--depth < 0)
                {
                    throw new InvalidDataException($"the name {EntryName.Show(name)} leaves the layer");
                }

                length = Math.Max(0, buffer[..length].LastIndexOf((byte)'/'));
                continue;
            }

            length = Append(buffer, length, component, name);
            depth++;
        }

        return new LayerPath(buffer[..length], depth);
    }

    private static int Append(Span<byte> buffer, int length, ReadOnlySpan<byte> component, ReadOnlySpan<byte> name)
    {
        if (component.Length > MaxComponent)
        {
            throw new InvalidDataException($"the name {EntryName.Show(name)} has a component of more than {MaxComponent} bytes");
        }

        if (length > 0)
        {
            buffer[length++] = (byte)'/';
        }

        component.CopyTo(buffer[length..]);
        return length + component.Length;
    }
}
