using System.Buffers;
using System.Threading.Tasks.Sources;

namespace CriRuntime.Streaming.Channels;

/// <summary>
/// The bytes of one stream that came in and were not read yet, in pooled segments: one writer (the connection's reader), one
/// reader. An idle queue holds no buffer, and waiting allocates nothing.
/// </summary>
internal sealed class ReceiveQueue(ReceiveBudget budget) : IValueTaskSource<bool>
{
    private const int SmallestSegment = 4 * 1024;
    private const int LargestSegment = 64 * 1024;
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<bool> _signal = new() { RunContinuationsAsynchronously = true };
    private Segment? _head;
    private Segment? _tail;
    private Exception? _failure;
    private int _buffered;
    private bool _waiting;
    private bool _borrowed;
    private bool _completed;
    private bool _abandoned;
    private bool _full;

    /// <summary>Bytes held; zero also says that the reader is done with all that it was given.</summary>
    internal int Buffered => Volatile.Read(ref _buffered);

    /// <summary>Adds bytes. False, with nothing kept, where nobody will read them.</summary>
    internal bool Append(ReadOnlySpan<byte> bytes)
    {
        bool wake;
        lock (_gate)
        {
            if (_completed || _abandoned || _failure is not null)
                return false;
            budget.Charge(bytes.Length);
            Volatile.Write(ref _buffered, _buffered + bytes.Length);
            while (!bytes.IsEmpty)
            {
                Segment tail = WritableTail(bytes.Length);
                int count = Math.Min(bytes.Length, tail.Array.Length - tail.End);
                bytes[..count].CopyTo(tail.Array.AsSpan(tail.End));
                tail.End += count;
                bytes = bytes[count..];
            }

            MarkFull(_buffered > budget.StreamLimit);
            wake = _waiting && _buffered > 0;
            _waiting &= !wake;
        }

        if (wake)
            _signal.SetResult(true);
        return true;
    }

    /// <summary>No more will come: the reader gets what is there, and then the end.</summary>
    internal void Complete() => Finish(null);

    /// <summary>The reader fails at its next read, whatever is still there.</summary>
    internal void Fail(Exception failure) => Finish(failure);

    /// <summary>Waits for bytes. False at the end.</summary>
    /// <exception cref="StreamResetException">The stream was reset.</exception>
    internal async ValueTask<bool> WaitAsync(CancellationToken token)
    {
        if (!token.CanBeCanceled)
            return await WaitAsync();
        token.ThrowIfCancellationRequested();
        using CancellationTokenRegistration registration = token.UnsafeRegister(static (state, token) => ((ReceiveQueue)state!).CancelWait(token), this);
        return await WaitAsync();
    }

    /// <inheritdoc cref="WaitAsync(CancellationToken)"/>
    internal ValueTask<bool> WaitAsync()
    {
        lock (_gate)
        {
            if (_failure is not null)
                throw Rethrown(_failure);
            if (_buffered > 0)
                return new ValueTask<bool>(true);
            if (_completed || _abandoned)
                return new ValueTask<bool>(false);
            if (_waiting)
                throw new InvalidOperationException("Two reads of one stream at the same time.");
            _signal.Reset();
            _waiting = true;
            return new ValueTask<bool>(this, _signal.Version);
        }
    }

    /// <summary>The oldest bytes; valid until <see cref="Advance"/>, which must follow.</summary>
    internal ReadOnlyMemory<byte> Peek()
    {
        lock (_gate)
        {
            _borrowed = _head is not null;
            return _head is null ? default : _head.Array.AsMemory(_head.Start, _head.End - _head.Start);
        }
    }

    /// <summary>Gives back the first <paramref name="count"/> of the bytes peeked at.</summary>
    internal void Advance(int count)
    {
        lock (_gate)
        {
            _borrowed = false;
            if (_head is not null)
            {
                _head.Start += count;
                if (_head.Start == _head.End)
                    DropHead();
                Volatile.Write(ref _buffered, _buffered - count);
                budget.Release(count);
                if (_buffered < budget.StreamLimit / 2)
                    MarkFull(false);
            }

            if (_abandoned)
                DropAll();
        }
    }

    /// <summary>Nobody will read any more: what is here goes, and so does what comes.</summary>
    internal void Abandon()
    {
        bool wake;
        lock (_gate)
        {
            _abandoned = true;
            if (!_borrowed)
                DropAll();
            wake = _waiting;
            _waiting = false;
        }

        if (wake)
            _signal.SetResult(false);
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _signal.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _signal.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    private static StreamResetException Rethrown(Exception failure) => new(failure.Message, failure);

    private void Finish(Exception? failure)
    {
        bool wake;
        lock (_gate)
        {
            _completed = true;
            _failure ??= failure;
            MarkFull(false);
            wake = _waiting;
            _waiting = false;
        }

        if (!wake)
            return;
        if (failure is null)
            _signal.SetResult(false);
        else
            _signal.SetException(Rethrown(failure));
    }

    private void CancelWait(CancellationToken token)
    {
        lock (_gate)
        {
            if (!_waiting)
                return;
            _waiting = false;
        }

        _signal.SetException(new OperationCanceledException(token));
    }

    private Segment WritableTail(int wanted)
    {
        if (_tail is not null && _tail.End < _tail.Array.Length)
            return _tail;
        Segment segment = new(ArrayPool<byte>.Shared.Rent(Math.Clamp(wanted, SmallestSegment, LargestSegment)));
        if (_tail is null)
            _head = segment;
        else
            _tail.Next = segment;
        _tail = segment;
        return segment;
    }

    private void DropHead()
    {
        Segment head = _head!;
        _head = head.Next;
        if (_head is null)
            _tail = null;
        ArrayPool<byte>.Shared.Return(head.Array);
    }

    private void DropAll()
    {
        while (_head is not null)
            DropHead();
        int dropped = _buffered;
        Volatile.Write(ref _buffered, 0);
        MarkFull(false);
        budget.Release(dropped);
    }

    private void MarkFull(bool full)
    {
        if (full != _full)
        {
            _full = full;
            budget.MarkFull(full);
        }
    }

    private sealed class Segment(byte[] array)
    {
        internal readonly byte[] Array = array;
        internal int Start;
        internal int End;
        internal Segment? Next;
    }
}
