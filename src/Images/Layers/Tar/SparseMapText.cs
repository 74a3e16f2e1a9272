namespace CriRuntime.Images.Layers.Tar;

/// <summary>
/// Collects the map that stands before the data of a sparse file of pax version 1.0: decimal numbers, a line each (their count of pairs
/// first), padded to a block (GNU tar manual, "Storing Sparse Files", PAX 1).
/// </summary>
internal sealed class SparseMapText
{
    private const int MaxDigits = 20;
    private readonly List<SparseExtent> _extents = [];
    private readonly byte[] _digits = new byte[MaxDigits];
    private int _digitCount;
    private long? _pairsLeft;
    private long? _offset;

    public bool IsComplete => _pairsLeft == 0;

    public IReadOnlyList<SparseExtent> Extents => _extents;

    /// <summary>Reads one whole block; what follows the last number in it is padding.</summary>
    public void Read(ReadOnlySpan<byte> block)
    {
        for (int i = 0; i < block.Length && !IsComplete; i++)
        {
            if (block[i] == '\n')
            {
                Number(TarNumber.Decimal(_digits.AsSpan(0, _digitCount), "sparse map"));
                _digitCount = 0;
            }
            else
            {
                _digits[_digitCount] = block[i];
                _digitCount = _digitCount < MaxDigits - 1 ? _digitCount + 1 : throw new InvalidDataException("tar: a sparse map's number is too long");
            }
        }
    }

    private void Number(long number)
    {
        if (_pairsLeft is null)
        {
            _pairsLeft = number;
        }
        else if (_offset is { } offset)
        {
            SparseMap.Add(_extents, offset, number);
            _offset = null;
            _pairsLeft--;
        }
        else
        {
            _offset = number;
        }
    }
}
