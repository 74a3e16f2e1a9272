using CriRuntime.Images.Manifests;

namespace CriRuntime.Images.Registry.Blobs;

/// <summary>Opens a blob's body at an offset, trying endpoints and attempts; throws ImageException when none serves it.</summary>
internal delegate Task<BlobBody> OpenBlobBody(Descriptor blob, long offset, CancellationToken cancellationToken);

/// <summary>
/// A blob's bytes from an offset to its end, over as many connections as it takes: a connection that breaks or stalls
/// is replaced by one that goes on at the next byte. Gives up after <c>MaxAttempts</c> replacements that brought
/// nothing worth mentioning. Holds no buffer of its own; the size is checked, the digest is not.
/// </summary>
internal sealed class BlobStream(
    string image, Descriptor blob, long offset, OpenBlobBody open, RegistryOptions options, IRegistryObserver observer)
    : ReadOnlyStream
{
    /// <summary>Progress that makes a broken connection worth another one however often that happened.</summary>
    private const long WorthwhileProgress = 1 << 20;

    private readonly RetrySchedule _schedule = new(options.RetryDelay, options.MaxRetryDelay);
    private readonly StallGuard _guard = new(options);
    private BlobBody? _body;
    private string _host = "";
    private long _position = offset;
    private long _bodyPosition;
    private long _brokeAt = offset;
    private int _breaks;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override long Length => blob.Size;

    /// <summary>Opens the first connection, so that a missing blob is told at once. An empty rest needs none.</summary>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        if (_position == blob.Size)
            return;
        _body = await open(blob, _position, cancellationToken).ConfigureAwait(false);
        _host = _body.Host;
        _bodyPosition = _body.Start;
        _guard.Reset();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        while (true)
        {
            string broken;
            try
            {
                if (_body is null)
                    await ConnectAsync(cancellationToken).ConfigureAwait(false);
                if (_body is null)
                    return 0;
                int read = await ReadBodyAsync(_body, buffer, cancellationToken).ConfigureAwait(false);
                if (read > 0 || _position == blob.Size)
                    return Advance(read);
                broken = "the connection ended early";
            }
            catch (Exception e) when (e is IOException or HttpRequestException or TimeoutException)
            {
                broken = e.Message;
            }
            await RecoverAsync(broken, cancellationToken).ConfigureAwait(false);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_body is not null)
            await _body.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _body?.Content.Dispose();
            _guard.Dispose();
        }
        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadBodyAsync(BlobBody body, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            // A server that ignored the range sends again what is here already; it is read into the buffer and forgotten.
            bool known = _bodyPosition < _position;
            Memory<byte> room = known ? buffer[..(int)Math.Min(buffer.Length, _position - _bodyPosition)] : buffer;
            int read = await _guard.ReadAsync(body.Content, room, cancellationToken).ConfigureAwait(false);
            _bodyPosition += read;
            if (!known || read == 0)
                return read;
        }
    }

    private int Advance(int read)
    {
        _position += read;
        if (_position > blob.Size)
            throw new ImageException(
                ImageErrorKind.DataLoss, $"image {image}: blob {blob.Digest}: {_host} sent more than its {blob.Size} bytes");
        if (read > 0)
            observer.BytesReceived(image, blob, read);
        return read;
    }

    private async Task RecoverAsync(string broken, CancellationToken cancellationToken)
    {
        BlobBody? left = _body;
        _body = null;
        if (left is not null)
            await left.DisposeAsync().ConfigureAwait(false);
        // All bytes are there: how the connection ended is no matter.
        if (_position == blob.Size)
            return;
        _breaks = _position - _brokeAt >= WorthwhileProgress ? 1 : _breaks + 1;
        _brokeAt = _position;
        if (_breaks > 1)
            left?.Distrust();
        TimeSpan? delay = _schedule.DelayAfter(_breaks, null);
        if (_breaks >= Math.Max(1, options.MaxAttempts) || delay is null)
            throw new ImageException(
                ImageErrorKind.Unavailable,
                $"image {image}: blob {blob.Digest}: {_host} broke off at byte {_position} of {blob.Size} {_breaks} times: {broken}");
        observer.Retrying(image, _host, $"blob {blob.Digest} broke off at byte {_position}: {broken}", delay.Value);
        await Task.Delay(delay.Value, cancellationToken).ConfigureAwait(false);
    }
}
