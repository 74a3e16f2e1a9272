using CriRuntime.Linux;

namespace CriRuntime.Conmon.Attach;

/// <summary>Output that waits for one slow reader: a bounded queue of bytes outside the heap, which costs what lies in it and nothing when empty.</summary>
internal sealed class PendingOutput : IDisposable
{
    private readonly PendingBudget _budget;
    private readonly NativeBuffer _buffer;
    private int _start;
    private int _end;

    internal PendingOutput(PendingBudget budget, int limit)
    {
        _budget = budget;
        _buffer = new NativeBuffer(limit);
    }

    internal bool IsEmpty => _start == _end;

    /// <summary>From the front.</summary>
    internal ReadOnlySpan<byte> Bytes => _buffer.Span[_start.._end];

    /// <summary>Takes all of the bytes, or, when that is too much, none.</summary>
    internal bool TryAdd(ReadOnlySpan<byte> bytes)
    {
        Span<byte> all = _buffer.Span;
        if (bytes.Length > all.Length - (_end - _start) || !_budget.TryTake(bytes.Length))
            return false;
        if (bytes.Length > all.Length - _end)
        {
            all[_start.._end].CopyTo(all);
            _end -= _start;
            _start = 0;
        }

        bytes.CopyTo(all[_end..]);
        _end += bytes.Length;
        return true;
    }

    /// <summary>Removes bytes from the front.</summary>
    internal void Consume(int count)
    {
        _budget.Return(count);
        _start += count;
        if (_start != _end)
            return;
        _start = _end = 0;
        _buffer.Release();
    }

    public void Dispose()
    {
        _budget.Return(_end - _start);
        _buffer.Dispose();
    }
}
