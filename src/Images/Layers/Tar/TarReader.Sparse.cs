using static CriRuntime.Images.Layers.Tar.TarHeader;

namespace CriRuntime.Images.Layers.Tar;

/// <summary>Sparse files in their four forms: where their data goes.</summary>
internal sealed partial class TarReader
{
    private SparseMapText? _sparseText;
    private List<SparseExtent>? _sparseExtents;

    private void BeginOldSparse(TarHeader header)
    {
        _sparseExtents = [];
        _entry.Length = NotNegative(header.SparseRealSize, "real size");
        AddOldSparse(header.SparsePairs);
        if (header.SparseIsExtended)
        {
            _state = State.SparseBlocks;
        }
        else
        {
            BeginData(_entry.Length, _sparseExtents);
        }
    }

    private void ReadSparseBlock()
    {
        AddOldSparse(_block.AsSpan(0, 21 * 24));
        if (_block[504] == 0)
        {
            BeginData(_entry.Length, _sparseExtents);
        }
    }

    private void AddOldSparse(ReadOnlySpan<byte> pairs)
    {
        for (; pairs.Length >= 24 && pairs[0] != 0; pairs = pairs[24..])
        {
            SparseMap.Add(_sparseExtents!, TarNumber.Field(pairs[..12], "sparse offset"), TarNumber.Field(pairs.Slice(12, 12), "sparse length"));
        }
    }

    private void BeginPaxSparse()
    {
        _entry.Length = _pax.SparseRealSize ?? throw new InvalidDataException("tar: a sparse file without its real size");
        if (_pax.SparseMapInData)
        {
            _sparseText = new SparseMapText();
            _state = State.SparseText;
        }
        else
        {
            BeginData(_entry.Length, _pax.Sparse);
        }
    }

    private void ReadSparseText()
    {
        _dataLeft -= BlockSize;
        if (_dataLeft < 0)
        {
            throw new InvalidDataException("tar: a sparse file's map is longer than its data");
        }

        _sparseText!.Read(_block);
        if (_sparseText.IsComplete)
        {
            BeginData(_entry.Length, _sparseText.Extents);
        }
    }
}
