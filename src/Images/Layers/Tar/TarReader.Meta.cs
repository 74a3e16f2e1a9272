namespace CriRuntime.Images.Layers.Tar;

/// <summary>Extended headers: what they say of the members after them.</summary>
internal sealed partial class TarReader
{
    private byte _metaType;
    private byte[] _meta = [];
    private int _metaFill;

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

    private static ReadOnlyMemory<byte> UpToNul(byte[] text)
    {
        int end = Array.IndexOf(text, (byte)0);
        return end < 0 ? text : text.AsMemory(0, end);
    }
}
