using CriRuntime.Conmon.Loop;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Attach;

/// <summary>A pipe from which a container's stdin is fed. Not read while the container does not take what came before: so the writer waits.</summary>
internal sealed class AttachedInput : EventSource
{
    private readonly EventLoop _loop;
    private readonly ContainerStdin _stdin;
    private readonly Action _onEnd;
    private bool _ended;

    /// <param name="descriptor">The reading end, which becomes this object's and non-blocking.</param>
    /// <param name="onEnd">Called once, when it has ended or nobody wants it any more.</param>
    internal AttachedInput(EventLoop loop, ContainerStdin stdin, FileDescriptor descriptor, Action onEnd)
        : base(descriptor)
    {
        _loop = loop;
        _stdin = stdin;
        _onEnd = onEnd;
    }

    /// <exception cref="LinuxException">EPERM: it is nothing that can be waited for, a file for instance.</exception>
    internal void Begin()
    {
        Descriptor.SetNonBlocking();
        _loop.Add(this, Readiness.Readable);
    }

    internal override void OnReady(Readiness readiness) => _stdin.Pump(this);

    internal void Resume()
    {
        if (!_ended && Slot < 0)
            _loop.Add(this, Readiness.Readable);
    }

    // Taken out altogether: epoll tells of the end of a pipe even when nothing is asked for, and would not let the thread rest.
    internal void Pause() => _loop.Remove(this);

    /// <summary>Bytes read, 0 at the end, -1 when there is nothing now.</summary>
    internal int Read(Span<byte> buffer)
    {
        try
        {
            return Descriptor.Read(buffer);
        }
        catch (LinuxException)
        {
            // Not what a pipe does; whatever it is, nothing more comes from it.
            return 0;
        }
    }

    internal void End()
    {
        if (_ended)
            return;
        _ended = true;
        _stdin.Remove(this);
        _loop.Remove(this);
        Descriptor.Dispose();
        _onEnd();
    }
}
