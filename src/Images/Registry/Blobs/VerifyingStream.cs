using System.Security.Cryptography;
using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Registry.Blobs;

/// <summary>
/// Passes content through and holds it to its descriptor: a byte too many, an end too early or another digest is
/// a DataLoss. The digest is checked before the last byte is handed out, so that whoever has read
/// <c>Size</c> bytes, or seen the end, has the right content. Owns the inner stream.
/// </summary>
public sealed class VerifyingStream : ReadOnlyStream
{
    private readonly Stream _inner;
    private readonly Descriptor _expected;
    private readonly IncrementalHash _hash;
    private long _count;

    public VerifyingStream(Stream inner, Descriptor expected)
    {
        _inner = inner;
        _expected = expected;
        _hash = expected.Digest.CreateHash();
    }

    /// <summary>True once every byte was read and the digest was right.</summary>
    public bool IsVerified { get; private set; }

    /// <summary>Bytes read so far.</summary>
    public override long Position
    {
        get => _count;
        set => throw new NotSupportedException();
    }

    public override long Length => _expected.Size;

    /// <exception cref="ImageException">DataLoss.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        int read = await _inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Check(buffer.Span[..read]);
        return read;
    }

    /// <summary>Works where the inner stream reads synchronously.</summary>
    /// <exception cref="ImageException">DataLoss.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        int read = _inner.Read(buffer);
        Check(buffer[..read]);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>
    /// Reads what is left and throws it away, to verify content whose reader stopped at an inner end (of gzip, of tar).
    /// </summary>
    /// <exception cref="ImageException">DataLoss.</exception>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        byte[] scratch = System.Buffers.ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            while (await ReadAsync(scratch, cancellationToken).ConfigureAwait(false) > 0)
            {
                // Reading is all: the check is in it.
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }

    private void Check(ReadOnlySpan<byte> bytes)
    {
        _count += bytes.Length;
        if (_count > _expected.Size)
            throw Corrupt($"it has more than the {_expected.Size} bytes of its descriptor");
        if (bytes.IsEmpty && _count < _expected.Size)
            throw Corrupt($"it ended after {_count} of {_expected.Size} bytes");
        if (IsVerified)
            return;
        _hash.AppendData(bytes);
        if (_count == _expected.Size)
            CheckDigest();
    }

    private void CheckDigest()
    {
        Digest found = Digest.FromHash(_hash);
        if (found != _expected.Digest)
            throw Corrupt($"its content has the digest {found}");
        IsVerified = true;
    }

    private ImageException Corrupt(string how) =>
        new(ImageErrorKind.DataLoss, $"blob {_expected.Digest} is corrupt: {how}");
}
