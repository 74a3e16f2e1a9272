using System.Buffers;
using System.Text;

namespace CriRuntime.Linux;

/// <summary>A path as the kernel takes it: bytes and a NUL, on the stack where it is short. A path with a NUL inside is refused (EINVAL).</summary>
internal ref struct NativePath
{
    /// <summary>The size of the stack buffer that callers lend.</summary>
    internal const int StackSize = 256;

    private readonly Span<byte> _bytes;
    private byte[]? _rented;

    internal NativePath(ReadOnlySpan<byte> path, Span<byte> stack)
    {
        if (path.Contains((byte)0))
        {
            throw new LinuxException("open", Encoding.UTF8.GetString(path), Errno.EINVAL);
        }

        _bytes = path.Length < stack.Length ? stack : _rented = ArrayPool<byte>.Shared.Rent(path.Length + 1);
        path.CopyTo(_bytes);
        _bytes[path.Length] = 0;
    }

    /// <summary>For <c>fixed</c>.</summary>
    public readonly ref byte GetPinnableReference() => ref _bytes.GetPinnableReference();

    public void Dispose()
    {
        if (_rented is { } rented)
        {
            _rented = null;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
