using static CriRuntime.Images.Layers.Tar.TarHeader;

namespace CriRuntime.Images.Layers.Tar;

/// <summary>
/// Reads a tar archive that is pushed into it piece by piece: v7, ustar, pax, GNU and star headers, GNU and pax sparse files. Pieces may
/// have any size; memory is one header's worth. A push parser needs no thread of its own to block on a stream.
/// </summary>
/// <remarks>
/// <code>
/// Header ──x,g,L,K──> Meta ──────────────> Header
/// Header ──S─> SparseBlocks ─┐
/// Header ──pax sparse 1.0──> SparseText ─┤
/// Header ──file─────────────────────────> Data ──> Padding ──> Header
/// Header ──others───────────────────────────────────────────> Header
/// Header ──two zero blocks──> Finished   (whatever follows is ignored)
/// </code>
/// </remarks>
internal sealed partial class TarReader(ITarVisitor visitor)
{
    /// <summary>The most that one extended header may hold; the field's readers (Go) have the same limit.</summary>
    public const int MaxMetaSize = 1 << 20;

    private readonly ITarVisitor _visitor = visitor;
    private readonly TarEntry _entry = new();
    private readonly PaxRecords _global = new();
    private readonly PaxRecords _pax = new();
    private readonly byte[] _block = new byte[BlockSize];
    private int _blockFill;
    private State _state = State.Header;
    private bool _sawZeroBlock;
    private bool _inMember; // meta headers were read that wait for their member

    private long _dataLeft;
    private long _dataOffset;
    private int _padding;
    private SparseMap? _sparse;

    private enum State
    {
        Header,
        Meta,
        SparseBlocks,
        SparseText,
        Data,
        Padding,
        Finished,
    }

    /// <exception cref="InvalidDataException">Not a tar archive, or a malformed one. The reader is of no use afterwards.</exception>
    public void Push(ReadOnlySpan<byte> input)
    {
        while (!input.IsEmpty && _state != State.Finished)
        {
            int used = _state switch
            {
                State.Meta => TakeMeta(input),
                State.Data => TakeData(input),
                State.Padding => TakePadding(input),
                _ => TakeBlock(input),
            };
            input = input[used..];
        }
    }

    /// <summary>Says that the input ended.</summary>
    /// <exception cref="InvalidDataException">In the middle of a member.</exception>
    public void Complete()
    {
        if (_state != State.Finished && (_state != State.Header || _blockFill > 0 || _inMember))
        {
            throw new InvalidDataException("tar: the archive is truncated");
        }
    }

    private int TakeBlock(ReadOnlySpan<byte> input)
    {
        int used = Math.Min(input.Length, BlockSize - _blockFill);
        input[..used].CopyTo(_block.AsSpan(_blockFill));
        _blockFill += used;
        if (_blockFill == BlockSize)
        {
            _blockFill = 0;
            switch (_state)
            {
                case State.Header:
                    ReadHeader();
                    break;
                case State.SparseBlocks:
                    ReadSparseBlock();
                    break;
                default:
                    ReadSparseText();
                    break;
            }
        }

        return used;
    }

    private void ReadHeader()
    {
        if (IsZero(_block))
        {
            _state = _sawZeroBlock ? State.Finished : State.Header;
            _sawZeroBlock = true;
            return;
        }

        if (_sawZeroBlock)
        {
            throw new InvalidDataException("tar: a header follows the end of the archive");
        }

        var header = new TarHeader(_block);
        switch (header.Type)
        {
            case (byte)'x' or (byte)'g' or (byte)'L' or (byte)'K':
                BeginMeta(header);
                break;
            case (byte)'V': // a volume label
                RefuseData(header.Size);
                break;
            default:
                BeginMember(header);
                break;
        }
    }

    private void BeginMember(TarHeader header)
    {
        _inMember = true;
        ReadOnlyMemory<byte> name = _pax.EffectivePath ?? header.Name();
        Describe(header, name);
        long stored = _entry.Kind == TarEntryKind.RegularFile ? _pax.Size ?? header.Size : 0;
        if (stored < 0)
        {
            throw new InvalidDataException("tar: a negative size");
        }

        _dataLeft = stored;
        _padding = PaddingOf(stored);
        if (header.Type == 'S')
        {
            BeginOldSparse(header);
        }
        else if (_pax.IsSparse && _entry.Kind == TarEntryKind.RegularFile)
        {
            BeginPaxSparse();
        }
        else
        {
            BeginData(stored, null);
        }
    }

    private void BeginData(long length, IReadOnlyList<SparseExtent>? extents)
    {
        _entry.Length = length;
        _sparse = extents is null ? null : new SparseMap(extents, _dataLeft, length);
        _dataOffset = 0;
        _visitor.Begin(_entry);
        _state = State.Data;
        if (_dataLeft == 0)
        {
            EndMember();
        }
    }

    private int TakeData(ReadOnlySpan<byte> input)
    {
        int available = (int)Math.Min(input.Length, _dataLeft);
        (long offset, int used) = _sparse?.Take(available) ?? (_dataOffset, available);
        _visitor.Data(input[..used], offset);
        _dataOffset += used;
        _dataLeft -= used;
        if (_dataLeft == 0)
        {
            EndMember();
        }

        return used;
    }

    private void EndMember()
    {
        _visitor.End(_entry);
        _pax.ResetTo(_global);
        _inMember = false;
        _state = _padding > 0 ? State.Padding : State.Header;
    }

    private int TakePadding(ReadOnlySpan<byte> input)
    {
        int used = Math.Min(input.Length, _padding);
        _padding -= used;
        _state = _padding > 0 ? State.Padding : State.Header;
        return used;
    }

    private static int PaddingOf(long size) => (int)(-size & (BlockSize - 1));
}
