namespace CriRuntime.Images.Layers.Tar;

/// <summary>
/// The records of a pax extended header, <c>length key=value\n</c> each (POSIX pax, "pax Extended Header"), as far as
/// unpacking needs them. A later record of the same key wins; an empty value takes an earlier one back.
/// </summary>
internal sealed class PaxRecords
{
    private const int MaxXattrs = 256;
    private readonly List<TarXattr> _xattrs = [];
    private readonly List<SparseExtent> _sparse = [];
    private long? _sparseOffset;

    public ReadOnlyMemory<byte>? Path { get; private set; }

    public ReadOnlyMemory<byte>? LinkPath { get; private set; }

    public long? Size { get; private set; }

    public long? Uid { get; private set; }

    public long? Gid { get; private set; }

    public (long Seconds, uint Nanoseconds)? Modified { get; private set; }

    /// <summary>The last of each name.</summary>
    public IReadOnlyList<TarXattr> Xattrs => _xattrs;

    /// <summary>The map of a sparse file of version 0.0 or 0.1; empty for version 1.0, whose map stands before the data.</summary>
    public IReadOnlyList<SparseExtent> Sparse => _sparse;

    public bool IsSparse { get; private set; }

    /// <summary>The sparse map stands at the start of the data (GNU.sparse.major=1).</summary>
    public bool SparseMapInData { get; private set; }

    public long? SparseRealSize { get; private set; }

    private ReadOnlyMemory<byte>? SparseName { get; set; }

    /// <summary>The name to use: that of a sparse file stands apart, its path is a stand-in for old programs.</summary>
    public ReadOnlyMemory<byte>? EffectivePath => SparseName ?? Path;

    /// <exception cref="InvalidDataException">A record is malformed.</exception>
    public void Read(ReadOnlyMemory<byte> text)
    {
        while (!text.IsEmpty)
        {
            int blank = text.Span.IndexOf((byte)' ');
            long length = blank is > 0 and < 20 ? TarNumber.Decimal(text.Span[..blank], "a pax record's length") : 0;
            if (length <= blank + 1 || length > text.Length || text.Span[(int)length - 1] != '\n')
            {
                throw new InvalidDataException("tar: a pax record's length is wrong");
            }

            ReadOnlyMemory<byte> record = text[(blank + 1)..((int)length - 1)];
            text = text[(int)length..];
            int equals = record.Span.IndexOf((byte)'=');
            if (equals <= 0)
            {
                throw new InvalidDataException("tar: a pax record has no key");
            }

            Set(record[..equals], record[(equals + 1)..]);
        }
    }

    /// <summary>Forgets everything of a file's own header, and takes over the archive's global one.</summary>
    public void ResetTo(PaxRecords global)
    {
        _xattrs.Clear();
        _xattrs.AddRange(global._xattrs);
        _sparse.Clear();
        _sparseOffset = null;
        (Path, LinkPath, Size) = (global.Path, global.LinkPath, global.Size);
        (Uid, Gid, Modified) = (global.Uid, global.Gid, global.Modified);
        (IsSparse, SparseMapInData, SparseRealSize, SparseName) = (false, false, null, null);
    }

    public void SetLongName(ReadOnlyMemory<byte> name) => Path = name;

    public void SetLongLink(ReadOnlyMemory<byte> target) => LinkPath = target;

    private void Set(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value)
    {
        ReadOnlySpan<byte> name = key.Span;
        ReadOnlySpan<byte> text = value.Span;
        bool isTakenBack = value.IsEmpty;
        if (name.SequenceEqual("path"u8))
        {
            Path = isTakenBack ? null : value;
        }
        else if (name.SequenceEqual("linkpath"u8))
        {
            LinkPath = isTakenBack ? null : value;
        }
        else if (name.SequenceEqual("size"u8))
        {
            Size = isTakenBack ? null : TarNumber.Decimal(text, "size");
        }
        else if (name.SequenceEqual("uid"u8))
        {
            Uid = isTakenBack ? null : TarNumber.Decimal(text, "uid");
        }
        else if (name.SequenceEqual("gid"u8))
        {
            Gid = isTakenBack ? null : TarNumber.Decimal(text, "gid");
        }
        else if (name.SequenceEqual("mtime"u8))
        {
            Modified = isTakenBack ? null : TarNumber.Time(text);
        }
        else if (name.StartsWith("SCHILY.xattr."u8))
        {
            SetXattr(key["SCHILY.xattr.".Length..], value);
        }
        else if (name.StartsWith("GNU.sparse."u8))
        {
            SetSparse(name["GNU.sparse.".Length..], value);
        }
    }

    private void SetXattr(ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> value)
    {
        _xattrs.RemoveAll(x => x.Name.Span.SequenceEqual(name.Span));
        if (_xattrs.Count == MaxXattrs)
        {
            throw new InvalidDataException($"tar: a file has more than {MaxXattrs} extended attributes");
        }

        _xattrs.Add(new TarXattr(name, value));
    }

    private void SetSparse(ReadOnlySpan<byte> key, ReadOnlyMemory<byte> value)
    {
        ReadOnlySpan<byte> text = value.Span;
        IsSparse = true;
        if (key.SequenceEqual("major"u8))
        {
            SparseMapInData = TarNumber.Decimal(text, "sparse version") >= 1;
        }
        else if (key.SequenceEqual("name"u8))
        {
            SparseName = value;
        }
        else if (key.SequenceEqual("realsize"u8) || key.SequenceEqual("size"u8))
        {
            SparseRealSize = TarNumber.Decimal(text, "sparse size");
        }
        else if (key.SequenceEqual("offset"u8))
        {
            _sparseOffset = TarNumber.Decimal(text, "sparse offset");
        }
        else if (key.SequenceEqual("numbytes"u8))
        {
            long offset = _sparseOffset ?? throw new InvalidDataException("tar: a sparse extent has no offset");
            SparseMap.Add(_sparse, offset, TarNumber.Decimal(text, "sparse length"));
            _sparseOffset = null;
        }
        else if (key.SequenceEqual("map"u8))
        {
            SetSparseMap(text);
        }
    }

    private void SetSparseMap(ReadOnlySpan<byte> text)
    {
        _sparse.Clear();
        long? offset = null;
        foreach (Range part in text.Split((byte)','))
        {
            long number = TarNumber.Decimal(text[part], "sparse map");
            if (offset is { } start)
            {
                SparseMap.Add(_sparse, start, number);
            }

            offset = offset is null ? number : null;
        }
    }
}
