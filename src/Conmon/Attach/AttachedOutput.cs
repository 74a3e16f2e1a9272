using CriRuntime.Conmon.Loop;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Attach;

/// <summary>A pipe to a reader of a container's stdout or stderr. Writing never waits; what the pipe does not take is kept, up to a bound.</summary>
internal sealed class AttachedOutput : EventSource
{
    /// <summary>The most that waits for this reader besides what its pipe holds.</summary>
    internal const int MaxPending = 16 * 1024 * 1024;

    private const int PipeSize = 1024 * 1024;

    private readonly EventLoop _loop;
    private readonly PendingBudget _budget;
    private readonly Action _onEnd;
    private PendingOutput? _pending;
    private bool _finishing;
    private bool _enlarged;

    /// <param name="descriptor">The writing end, which becomes this object's, non-blocking and, when its reader is slow, large.</param>
    /// <param name="onEnd">Called once, when the reader has gone or was given all there was.</param>
    internal AttachedOutput(EventLoop loop, PendingBudget budget, FileDescriptor descriptor, Action onEnd)
        : base(descriptor)
    {
        _loop = loop;
        _budget = budget;
        _onEnd = onEnd;
    }

    internal bool Ended { get; private set; }

    /// <exception cref="LinuxException">EPERM: it is nothing that can be waited for, a file for instance.</exception>
    internal void Begin()
    {
        Descriptor.SetNonBlocking();
        // Errors are told without being asked for: a reader that goes is noticed at once.
        _loop.Add(this, Readiness.None);
    }

    /// <summary>False when the reader is too far behind.</summary>
    internal bool TrySend(ReadOnlySpan<byte> bytes)
    {
        if (Ended || _finishing)
            return true;
        if (_pending is null or { IsEmpty: true })
        {
            int written = TryWrite(bytes);
            if (written < 0)
            {
                End();
                return true;
            }

            if (written < bytes.Length && !_enlarged)
            {
                Enlarge();
                written += Math.Max(0, TryWrite(bytes[written..]));
            }

            if (written == bytes.Length)
                return true;
            bytes = bytes[written..];
            _loop.Modify(this, Readiness.Writable);
        }

        return TryKeep(bytes);
    }

    /// <summary>Nothing more will come: ends once the reader has what waits for it.</summary>
    internal void Finish()
    {
        _finishing = true;
        if (_pending is null or { IsEmpty: true })
            End();
    }

    internal override void OnReady(Readiness readiness)
    {
        if ((readiness & Readiness.Error) != 0)
            End();
        else if ((readiness & Readiness.Writable) != 0)
            Flush();
    }

    /// <summary>Ends it at once, whatever waits.</summary>
    internal void End()
    {
        if (Ended)
            return;
        Ended = true;
        _loop.Remove(this);
        _pending?.Dispose();
        Descriptor.Dispose();
        _onEnd();
    }

    private void Flush()
    {
        while (_pending is { IsEmpty: false })
        {
            int written = TryWrite(_pending.Bytes);
            if (written < 0)
            {
                End();
                return;
            }

            if (written == 0)
                return;
            _pending.Consume(written);
        }

        if (_finishing)
            End();
        else
            _loop.Modify(this, Readiness.None);
    }

    // Only when it is needed: what is in all of a user's pipes together is limited (pipe(7), pipe-user-pages-soft).
    private void Enlarge()
    {
        _enlarged = true;
        Pipe.TryResize(Descriptor, PipeSize);
    }

    private bool TryKeep(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _pending ??= new PendingOutput(_budget, MaxPending);
            return _pending.TryAdd(bytes);
        }
        catch (LinuxException)
        {
            // No memory to be had: as if it were all used up by other readers.
            return false;
        }
    }

    /// <summary>What the pipe took, 0 when it is full; -1 when its reader has gone.</summary>
    private int TryWrite(ReadOnlySpan<byte> bytes)
    {
        int written = Descriptor.TryWrite(bytes, out Errno error);
        return error == Errno.EAGAIN ? 0 : written;
    }
}
