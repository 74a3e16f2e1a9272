using System.Buffers;
using CriRuntime.Linux;

namespace CriRuntime.Images.Layers;

/// <summary>Decompresses Zstandard frames. The inner stream stays the caller's.</summary>
internal sealed class ZstdStream(Stream inner) : ForwardStream
{
    private readonly ZstdDecompressor _zstd = new();
    private byte[] _input = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private int _start;
    private int _end;
    private bool _mayHoldMore; // the last call filled its output: more may come without input

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            if (_start == _end && !_mayHoldMore && !await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                return _zstd.AtFrameEnd ? 0 : throw new InvalidDataException("zstd: the data is truncated");
            }

            (int consumed, int written) = _zstd.Decompress(_input.AsSpan(_start, _end - _start), buffer.Span);
            _start += consumed;
            _mayHoldMore = written == buffer.Length && !_zstd.AtFrameEnd;
            if (written > 0)
            {
                return written;
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        _zstd.Dispose();
        byte[] input = Interlocked.Exchange(ref _input, []);
        if (input.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(input);
        }

        base.Dispose(disposing);
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        _start = 0;
        _end = 0;
        _end = await inner.ReadAsync(_input, cancellationToken).ConfigureAwait(false);
        return _end > 0;
    }
}
