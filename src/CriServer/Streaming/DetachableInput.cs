namespace CriRuntime.CriServer.Streaming;

/// <summary>What a client types, up to Ctrl-P Ctrl-Q: that ends the attachment and not the container, as in cri-o and Docker.</summary>
internal sealed class DetachableInput(Stream keys, TaskCompletionSource detached) : Stream
{
    private const byte CtrlP = 0x10;
    private const byte CtrlQ = 0x11;

    /// <summary>A Ctrl-P at the end of a read is held back: the next key tells what it was.</summary>
    private bool _held;

    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>0 at the client's end, and once the keys were typed.</summary>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!detached.Task.IsCompleted)
        {
            int start = 0;
            if (_held)
                buffer.Span[start++] = CtrlP;
            int read = await keys.ReadAsync(buffer[start..], cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                // The client ended with a Ctrl-P that meant nothing.
                (bool held, _held) = (_held, false);
                return held ? 1 : 0;
            }

            int length = start + read;
            int at = buffer.Span[..length].IndexOf([CtrlP, CtrlQ]);
            if (at >= 0)
            {
                detached.TrySetResult();
                return at;
            }

            _held = buffer.Span[length - 1] == CtrlP;
            if (_held)
                length--;
            if (length > 0)
                return length;
        }

        return 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            keys.Dispose();
        base.Dispose(disposing);
    }
}
