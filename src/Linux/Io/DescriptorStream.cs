namespace CriRuntime.Linux;

/// <summary>
/// One end of a pipe, or a pseudo-terminal's master side, as a stream. What is there is read at once and what there is
/// room for is written at once; a wait costs no thread, the reactor ends it. At most one read and one write at a time.
/// </summary>
public sealed class DescriptorStream : Stream
{
    private readonly FileDescriptor _descriptor;
    private readonly Reactor.Registration _registration;
    private readonly ReadySignal _readable = new();
    private readonly ReadySignal _writable = new();
    private readonly Lock _gate = new();
    private bool _closed;

    /// <summary>Takes the descriptor over and makes it non-blocking.</summary>
    public DescriptorStream(FileDescriptor descriptor)
    {
        _descriptor = descriptor;
        descriptor.SetNonBlocking();
        // Edge-triggered: registered once, and silent for as long as nobody reads what is there.
        _registration = Reactor.Shared.Watch(descriptor, Readiness.Readable | Readiness.Writable | Readiness.EdgeTriggered, OnReady);
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads what is there now. 0 is the end (for a terminal: its last user has closed it), -1: nothing yet.</summary>
    /// <exception cref="ObjectDisposedException">The stream was closed.</exception>
    public int TryRead(Span<byte> buffer)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            try
            {
                return _descriptor.Read(buffer);
            }
            catch (LinuxException e) when (e.Errno == Errno.EIO)
            {
                return 0;
            }
        }
    }

    /// <summary>Sets a terminal's window size in characters (1 to 65535).</summary>
    /// <exception cref="ObjectDisposedException">The stream was closed, and its number may be another's.</exception>
    public void Resize(int width, int height)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            PseudoTerminal.Resize(_descriptor, width, height);
        }
    }

    /// <summary>Completes when it is worth reading again after <see cref="TryRead"/> returned -1; now and then without cause.</summary>
    public Task WaitForInputAsync(CancellationToken cancellationToken) => _readable.WaitAsync(cancellationToken);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            int read = TryRead(buffer.Span);
            if (read >= 0)
                return read;
            await _readable.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes everything, at the pace of the reader.</summary>
    /// <exception cref="IOException">Nobody reads any more (EPIPE).</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            int written = TryWrite(buffer.Span);
            if (written < 0)
                await _writable.WaitAsync(cancellationToken).ConfigureAwait(false);
            else
                buffer = buffer[written..];
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("a wait would block a thread");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("a wait would block a thread");

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            _registration.Dispose();
            _descriptor.Dispose();
        }

        // Whoever waits finds it closed.
        _readable.Raise();
        _writable.Raise();
        base.Dispose(disposing);
    }

    private int TryWrite(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            int written = _descriptor.TryWrite(bytes, out Errno error);
            if (written >= 0 || error == Errno.EAGAIN)
                return written;
            throw new IOException($"write: {error}", new LinuxException("write", null, error));
        }
    }

    private void OnReady(Readiness readiness)
    {
        if ((readiness & ~Readiness.Writable) != 0)
            _readable.Raise();
        if ((readiness & ~Readiness.Readable) != 0)
            _writable.Raise();
    }

    /// <summary>Ends one wait, now or the next.</summary>
    private sealed class ReadySignal
    {
        private readonly Lock _gate = new();
        private TaskCompletionSource? _waiter;
        private bool _raised;

        internal void Raise()
        {
            lock (_gate)
            {
                if (_waiter is null)
                    _raised = true;
                else
                    _waiter.TrySetResult();
                _waiter = null;
            }
        }

        internal Task WaitAsync(CancellationToken cancellationToken)
        {
            lock (_gate)
            {
                if (_raised)
                {
                    _raised = false;
                    return Task.CompletedTask;
                }

                _waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return _waiter.Task.WaitAsync(cancellationToken);
            }
        }
    }
}
