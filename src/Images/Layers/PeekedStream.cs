namespace CriRuntime.Images.Layers;

/// <summary>
/// Reads a stream ahead in large pieces, shows the first bytes without taking them, and serves small reads from memory. The
/// inner stream stays the caller's.
/// </summary>
internal sealed class PeekedStream(Stream inner, byte[] buffer) : ForwardStream
{
    private int _start;
    private int _end;

    /// <summary>The first bytes, fewer than asked for only where the stream is shorter.</summary>
    public async Task<ReadOnlyMemory<byte>> PeekAsync(int count, CancellationToken cancellationToken)
    {
        while (_end - _start < count)
        {
            int read = await inner.ReadAsync(buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            _end += read;
        }

        return buffer.AsMemory(_start, Math.Min(count, _end - _start));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellationToken = default) =>
        _start == _end ? FillAsync(target, cancellationToken) : new(Take(target.Span));

    private async ValueTask<int> FillAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        _start = 0;
        _end = 0; // should the read fail, nothing is served twice
        _end = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Take(target.Span);
    }

    private int Take(Span<byte> target)
    {
        int count = Math.Min(target.Length, _end - _start);
        buffer.AsSpan(_start, count).CopyTo(target);
        _start += count;
        return count;
    }
}
