using CriRuntime.Conmon.Loop;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Attach;

/// <summary>
/// A container's stdin (a pipe, or its terminal's master side) and the attached pipes that feed it. One buffer of a few
/// kilobytes lies between: while the container has not taken it, no source is read.
/// </summary>
internal sealed class ContainerStdin : EventSource
{
    private const int BufferSize = 16 * 1024;

    private readonly EventLoop _loop;
    private readonly bool _once;
    private readonly List<AttachedInput> _sources = [];
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _closeWhenTaken;

    /// <param name="descriptor">Becomes this object's and non-blocking.</param>
    /// <param name="once">The end of the first source is the end of stdin.</param>
    internal ContainerStdin(EventLoop loop, FileDescriptor descriptor, bool once)
        : base(descriptor)
    {
        _loop = loop;
        _once = once;
        descriptor.SetNonBlocking();
    }

    internal bool Closed { get; private set; }

    /// <summary>A new source. When stdin is closed already, the source is, too: who writes to it sees a broken pipe.</summary>
    internal void Add(AttachedInput source)
    {
        _sources.Add(source);
        if (Closed || _closeWhenTaken)
            source.End();
        else if (_start < _end)
            source.Pause();
    }

    internal void Remove(AttachedInput source) => _sources.Remove(source);

    /// <summary>Takes a bufferful from a source and gives it to the container.</summary>
    internal void Pump(AttachedInput source)
    {
        _buffer ??= new byte[BufferSize];
        int read = source.Read(_buffer);
        if (read < 0)
            return;
        if (read == 0)
        {
            source.End();
            if (_once)
                CloseWhenTaken();
            return;
        }

        _start = 0;
        _end = read;
        if (Flush() || Closed)
            return;
        foreach (AttachedInput each in _sources)
            each.Pause();
        _loop.Add(this, Readiness.Writable);
    }

    internal override void OnReady(Readiness readiness)
    {
        if (!Flush())
            return;
        _loop.Remove(this);
        if (_closeWhenTaken)
        {
            Close();
            return;
        }

        foreach (AttachedInput each in _sources)
            each.Resume();
    }

    /// <summary>The container reads the end of its input from now on; sources are closed.</summary>
    internal void Close()
    {
        if (Closed)
            return;
        Closed = true;
        _loop.Remove(this);
        Descriptor.Dispose();
        _buffer = null;
        while (_sources.Count > 0)
            _sources[^1].End();
    }

    private void CloseWhenTaken()
    {
        if (_start == _end)
            Close();
        else
            _closeWhenTaken = true;
    }

    /// <summary>True when the container took everything that waited.</summary>
    private bool Flush()
    {
        while (_start < _end)
        {
            int written = Descriptor.TryWrite(_buffer.AsSpan(_start, _end - _start), out Errno error);
            if (error == Errno.EAGAIN)
                return false;
            if (written < 0)
            {
                // EPIPE: the container has closed its stdin. EIO: its terminal is gone.
                _start = _end = 0;
                Close();
                return false;
            }

            _start += written;
        }

        return true;
    }
}
