namespace CriRuntime.Linux;

/// <summary>
/// Collects what a program writes to one pipe, up to a limit. Reads happen on the reactor's thread, so that no thread waits.
/// Dispose comes before <see cref="Bytes"/> is read.
/// </summary>
internal sealed class OutputCollector : IDisposable
{
    private const int FirstSize = 4096;

    private readonly Lock _gate = new();
    private readonly FileDescriptor _pipe;
    private readonly int _limit;
    private readonly Action _onOverflow;
    private readonly Reactor.Registration _registration;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _buffer = new byte[FirstSize];
    private int _length;
    private bool _closed;

    /// <summary>Starts to collect; takes ownership of the pipe's read end.</summary>
    /// <param name="onOverflow">Called once, on the reactor's thread, when there is more than <paramref name="limit"/> bytes.</param>
    internal OutputCollector(FileDescriptor pipe, int limit, Action onOverflow)
    {
        _pipe = pipe;
        _limit = limit;
        _onOverflow = onOverflow;
        pipe.SetNonBlocking();
        // The callback may come before the registration is stored; it waits here.
        lock (_gate)
            _registration = Reactor.Shared.Watch(pipe, Readiness.Readable, _ => ReadAvailable());
    }

    /// <summary>Completes when every writer has closed the pipe, or the limit was passed.</summary>
    internal Task Ended => _ended.Task;

    internal bool Overflowed { get; private set; }

    internal ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    public void Dispose()
    {
        lock (_gate)
            Close();
    }

    private void ReadAvailable()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            try
            {
                if (_length == _buffer.Length)
                    Array.Resize(ref _buffer, Math.Min(_buffer.Length * 4, _limit + 1));
                int read = _pipe.Read(_buffer.AsSpan(_length));
                _length += Math.Max(read, 0);
                if (read == 0)
                    Close();
                else if (_length > _limit)
                    Overflow();
            }
            catch (LinuxException)
            {
                // A pipe's read fails only when the descriptor is bad; what was read so far is judged as the output.
                Close();
            }
        }
    }

    private void Overflow()
    {
        Overflowed = true;
        _length = _limit;
        Close();
        _onOverflow();
    }

    private void Close()
    {
        if (_closed)
            return;
        _closed = true;
        _registration.Dispose();
        _pipe.Dispose();
        _ended.TrySetResult();
    }
}
