using System.Buffers;
using System.Buffers.Binary;

namespace CriRuntime.Linux;

/// <summary>
/// Streams a directory's entries, without "." and "..", in constant memory (getdents64(2)). The current name is valid until the next
/// <see cref="MoveNext"/>. Entries that are removed meanwhile may or may not appear.
/// </summary>
public sealed unsafe class DirectoryReader : IDisposable
{
    private const int BufferSize = 32 * 1024;
    private const int NameOffset = 19;
    private readonly DirectoryFd _directory;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _next;
    private int _filled;
    private (int Start, int Length) _name;

    /// <summary>Reads from the start. The directory stays the caller's, and is to be read by one reader at a time.</summary>
    public DirectoryReader(DirectoryFd directory)
    {
        _directory = directory;
        Rewind();
    }

    /// <summary>The current entry's name.</summary>
    public ReadOnlySpan<byte> Name => _buffer.AsSpan(_name.Start, _name.Length);

    /// <summary>The current entry's type; Unknown where the file system does not tell.</summary>
    public FileKind Kind { get; private set; }

    public void Rewind()
    {
        Gate.Check(Libc.Lseek(_directory.Descriptor.Number, 0, 0), "lseek");
        _next = _filled = 0;
    }

    public bool MoveNext()
    {
        while (true)
        {
            if (_next == _filled && !Fill())
            {
                return false;
            }

            ReadOnlySpan<byte> entry = _buffer.AsSpan(_next, _filled - _next);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(entry[16..]);
            entry = entry[..length];
            _next += length;
            ReadOnlySpan<byte> name = entry[NameOffset..];
            name = name[..name.IndexOf((byte)0)];
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                _name = (_next - length + NameOffset, name.Length);
                Kind = (FileKind)(entry[18] << 12);
                return true;
            }
        }
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private bool Fill()
    {
        nint read;
        fixed (byte* p = _buffer)
        {
            read = Libc.GetDents64(_directory.Descriptor.Number, p, (nuint)_buffer.Length);
        }

        _next = 0;
        _filled = (int)Gate.Check(read, "getdents64");
        return _filled > 0;
    }
}
