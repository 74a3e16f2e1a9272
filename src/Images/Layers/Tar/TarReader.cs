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
internal sealed class TarReader(ITarVisitor visitor)
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

    private byte _metaType;
    private byte[] _meta = [];
    private int _metaFill;

    private long _dataLeft;
    private long _dataOffset;
    private int _padding;
    private SparseMap? _sparse;
    private SparseMapText? _sparseText;
    private List<SparseExtent>? _sparseExtents;

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

    private void BeginMeta(TarHeader header)
    {
        long size = header.Size;
        if (size is < 0 or > MaxMetaSize)
        {
            throw new InvalidDataException($"tar: an extended header of {size} bytes (at most {MaxMetaSize} are accepted)");
        }

        _inMember |= header.Type != 'g';
        _metaType = header.Type;
        _meta = new byte[size];
        _metaFill = 0;
        _padding = PaddingOf(size);
        _state = State.Meta;
        if (size == 0)
        {
            EndMeta();
        }
    }

    private int TakeMeta(ReadOnlySpan<byte> input)
    {
        int used = Math.Min(input.Length, _meta.Length - _metaFill);
        input[..used].CopyTo(_meta.AsSpan(_metaFill));
        _metaFill += used;
        if (_metaFill == _meta.Length)
        {
            EndMeta();
        }

        return used;
    }

    private void EndMeta()
    {
        switch (_metaType)
        {
            case (byte)'g':
                _global.Read(_meta);
                _pax.ResetTo(_global);
                break;
            case (byte)'x':
                _pax.Read(_meta);
                break;
            case (byte)'L':
                _pax.SetLongName(UpToNul(_meta));
                break;
            default:
                _pax.SetLongLink(UpToNul(_meta));
                break;
        }

        _state = _padding > 0 ? State.Padding : State.Header;
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

    private void Describe(TarHeader header, ReadOnlyMemory<byte> name)
    {
        TarEntryKind kind = KindOf(header.Type, name.Span);
        bool isLink = kind is TarEntryKind.HardLink or TarEntryKind.SymbolicLink;
        bool isDevice = kind is TarEntryKind.CharacterDevice or TarEntryKind.BlockDevice;
        _entry.Kind = kind;
        _entry.Name = name;
        _entry.LinkName = isLink ? _pax.LinkPath ?? header.LinkName.ToArray() : default;
        _entry.Permissions = (uint)header.Mode & 0xFFF;
        _entry.Uid = NotNegative(_pax.Uid ?? header.Uid, "uid");
        _entry.Gid = NotNegative(_pax.Gid ?? header.Gid, "gid");
        (_entry.ModifiedSeconds, _entry.ModifiedNanoseconds) = _pax.Modified ?? (header.Modified, 0);
        _entry.DeviceMajor = isDevice ? DeviceNumber(header.DeviceMajor, 0xFFF) : 0;
        _entry.DeviceMinor = isDevice ? DeviceNumber(header.DeviceMinor, 0xFFFFF) : 0;
        _entry.Xattrs = _pax.Xattrs;
    }

    private static TarEntryKind KindOf(byte type, ReadOnlySpan<byte> name) => type switch
    {
        (byte)'0' or 0 or (byte)'7' => name.EndsWith("/"u8) ? TarEntryKind.Directory : TarEntryKind.RegularFile, // v7 has no type for directories
        (byte)'S' => TarEntryKind.RegularFile,
        (byte)'1' => TarEntryKind.HardLink,
        (byte)'2' => TarEntryKind.SymbolicLink,
        (byte)'3' => TarEntryKind.CharacterDevice,
        (byte)'4' => TarEntryKind.BlockDevice,
        (byte)'5' => TarEntryKind.Directory,
        (byte)'6' => TarEntryKind.Fifo,
        _ => throw new InvalidDataException($"tar: unknown type of member 0x{type:x2}"),
    };

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

    private static void RefuseData(long size)
    {
        if (size != 0)
        {
            throw new InvalidDataException("tar: a volume label with data");
        }
    }

    private int TakePadding(ReadOnlySpan<byte> input)
    {
        int used = Math.Min(input.Length, _padding);
        _padding -= used;
        _state = _padding > 0 ? State.Padding : State.Header;
        return used;
    }

    private static ReadOnlyMemory<byte> UpToNul(byte[] text)
    {
        int end = Array.IndexOf(text, (byte)0);
        return end < 0 ? text : text.AsMemory(0, end);
    }

    private static int PaddingOf(long size) => (int)(-size & (BlockSize - 1));

    private static long NotNegative(long value, string what) =>
        value >= 0 ? value : throw new InvalidDataException($"tar: a negative {what}");

    private static uint DeviceNumber(long value, uint limit) =>
        value >= 0 && value <= limit ? (uint)value : throw new InvalidDataException("tar: a device number is out of range");
}
