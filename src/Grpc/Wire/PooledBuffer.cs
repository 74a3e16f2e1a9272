using System.Buffers;

namespace Grpc.Wire;

/// <summary>
/// A growing buffer on pooled arrays, for messages that cannot be written in place. Refuses to grow past a limit.
/// </summary>
internal sealed class PooledBuffer(int limit, Func<int, Exception> tooLong) : IBufferWriter<byte>, IDisposable
{
    /// <summary>Larger arrays are rare and are left to the collector: a pool would keep them resident for long.</summary>
    private const int LargestPooled = 1 << 20;

    private byte[] _array = [];

    internal int Length { get; private set; }

    internal ReadOnlyMemory<byte> Written => _array.AsMemory(0, Length);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _array.Length - Length);
        Length += count;
        if (Length > limit) throw tooLong(limit);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _array.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose()
    {
        Release(_array);
        _array = [];
        Length = 0;
    }

    private static byte[] Allocate(int size) =>
        size <= LargestPooled ? ArrayPool<byte>.Shared.Rent(size) : GC.AllocateUninitializedArray<byte>(size);

    private static void Release(byte[] array)
    {
        if (array.Length is > 0 and <= LargestPooled) ArrayPool<byte>.Shared.Return(array);
    }

    private void Reserve(int size)
    {
        if (_array.Length - Length >= size) return;
        byte[] larger = Allocate(Math.Max(Math.Max(_array.Length * 2, 4096), checked(Length + size)));
        Written.Span.CopyTo(larger);
        Release(_array);
        _array = larger;
    }
}
