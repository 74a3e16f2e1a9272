namespace CriRuntime.Images.Layers.Tar;

/// <summary>Where a piece of a sparse file's stored data belongs in the file, in bytes.</summary>
internal readonly record struct SparseExtent(long Offset, long Length);

/// <summary>Turns positions in the stored data of a sparse file into offsets in the file itself.</summary>
internal sealed class SparseMap
{
    private const int MaxExtents = 65536;
    private readonly IReadOnlyList<SparseExtent> _extents;
    private int _index;
    private long _usedOfExtent;

    /// <exception cref="InvalidDataException">Extents overlap, leave the file, or hold more or less than the stored data.</exception>
    public SparseMap(IReadOnlyList<SparseExtent> extents, long storedSize, long realSize)
    {
        _extents = extents;
        long end = 0;
        long stored = 0;
        foreach (SparseExtent extent in extents)
        {
            if (extent.Offset < end || extent.Length > realSize - extent.Offset)
            {
                throw new InvalidDataException("tar: a sparse file's map is out of order or beyond its size");
            }

            end = extent.Offset + extent.Length;
            stored += extent.Length;
        }

        if (stored != storedSize)
        {
            throw new InvalidDataException("tar: a sparse file's map does not match its data");
        }
    }

    public static void Add(List<SparseExtent> extents, long offset, long length)
    {
        if (extents.Count == MaxExtents || offset < 0 || length < 0)
        {
            throw new InvalidDataException($"tar: a sparse file's map is negative or has more than {MaxExtents} pieces");
        }

        extents.Add(new SparseExtent(offset, length));
    }

    /// <summary>The next piece: at most <paramref name="available"/> bytes that lie together in the file.</summary>
    public (long Offset, int Length) Take(int available)
    {
        while (_usedOfExtent == _extents[_index].Length)
        {
            _index++;
            _usedOfExtent = 0;
        }

        SparseExtent extent = _extents[_index];
        int length = (int)Math.Min(available, extent.Length - _usedOfExtent);
        long offset = extent.Offset + _usedOfExtent;
        _usedOfExtent += length;
        return (offset, length);
    }
}
