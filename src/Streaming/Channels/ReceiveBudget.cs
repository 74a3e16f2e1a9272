namespace CriRuntime.Streaming.Channels;

/// <summary>
/// How much a connection's streams hold unread, and whether that is too much. The peers do not honour flow control windows
/// (spdystream has none, WebSocket neither), so the only brake is to stop reading the connection; this says when.
/// </summary>
internal sealed class ReceiveBudget(int streamLimit, int connectionLimit)
{
    private readonly Lock _gate = new();
    private long _held;
    private int _full;
    private volatile bool _lifted;
    private volatile TaskCompletionSource? _room;

    internal int StreamLimit { get; } = streamLimit;

    /// <summary>Bytes held unread by all streams.</summary>
    internal long Held => Interlocked.Read(ref _held);

    internal bool IsExceeded => !_lifted && (Volatile.Read(ref _full) > 0 || Held > connectionLimit);

    internal void Charge(int bytes) => Interlocked.Add(ref _held, bytes);

    internal void Release(int bytes)
    {
        Interlocked.Add(ref _held, -bytes);
        Recheck();
    }

    /// <summary>A stream went over its own limit, or came back below half of it.</summary>
    internal void MarkFull(bool full)
    {
        Interlocked.Add(ref _full, full ? 1 : -1);
        Recheck();
    }

    /// <summary>The connection is closing and what comes in is discarded: never pause again.</summary>
    internal void Lift()
    {
        _lifted = true;
        Recheck();
    }

    internal async ValueTask WaitForRoomAsync()
    {
        while (IsExceeded)
        {
            TaskCompletionSource room = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _room = room;
            Interlocked.MemoryBarrier();
            Recheck();
            await room.Task;
        }
    }

    /// <summary>True while the connection's reading is paused.</summary>
    internal bool IsPaused => _room is not null;

    private void Recheck()
    {
        if (_room is null || IsExceeded)
            return;
        lock (_gate)
        {
            TaskCompletionSource? room = _room;
            _room = null;
            room?.TrySetResult();
        }
    }
}
