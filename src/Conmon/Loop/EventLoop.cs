using CriRuntime.Linux;

namespace CriRuntime.Conmon.Loop;

/// <summary>The monitor's one thread: waits on epoll, calls what is ready, then what is due. Allocates only to grow.</summary>
internal sealed class EventLoop
{
    private readonly Epoll _epoll = new(batch: 32);
    private readonly ReadyEvent[] _ready = new ReadyEvent[32];
    private readonly List<Deadline> _deadlines = [];
    private EventSource?[] _slots = new EventSource?[16];
    private uint[] _generations = new uint[16];
    private bool _stopped;

    /// <summary>Called before a wait, when there was nothing to do for a whole second.</summary>
    internal Action? OnIdle { get; set; }

    /// <summary>Told of a system call that failed where nobody expected it (no free descriptor or memory): one event is lost, the loop goes on.</summary>
    internal Action<LinuxException>? OnFault { get; set; }

    internal void Add(EventSource source, Readiness interest)
    {
        int slot = Array.IndexOf(_slots, null);
        if (slot < 0)
        {
            slot = _slots.Length;
            Array.Resize(ref _slots, slot * 2);
            Array.Resize(ref _generations, slot * 2);
        }

        _epoll.Add(source.Descriptor, interest, Token(slot));
        _slots[slot] = source;
        source.Slot = slot;
    }

    internal void Modify(EventSource source, Readiness interest) => _epoll.Modify(source.Descriptor, interest, Token(source.Slot));

    /// <summary>Ends the watch; must come before the descriptor is closed. Does nothing when there is none.</summary>
    internal void Remove(EventSource source)
    {
        if (source.Slot < 0)
            return;
        _epoll.Remove(source.Descriptor);
        _slots[source.Slot] = null;
        // Events of this batch that are still to be handled must not reach the slot's next owner.
        _generations[source.Slot]++;
        source.Slot = -1;
    }

    /// <summary>Calls <paramref name="action"/> once, after the delay.</summary>
    internal void After(TimeSpan delay, Action action) =>
        _deadlines.Add(new Deadline(Environment.TickCount64 + (long)delay.TotalMilliseconds, action));

    /// <summary>Takes back what <see cref="After"/> was given, by the same delegate. Fine when it was called already.</summary>
    internal void Forget(Action action)
    {
        for (int i = _deadlines.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_deadlines[i].Action, action))
                _deadlines.RemoveAt(i);
        }
    }

    internal void Stop() => _stopped = true;

    internal void Run()
    {
        bool busy = false;
        while (!_stopped)
        {
            int timeout = NextTimeout(busy);
            int count = _epoll.Wait(_ready, timeout);
            for (int i = 0; i < count; i++)
                Dispatch(_ready[i]);
            RunDue();
            if (count > 0)
            {
                busy = true;
            }
            else if (busy && timeout == IdleMilliseconds)
            {
                busy = false;
                OnIdle?.Invoke();
            }
        }
    }

    private const int IdleMilliseconds = 1000;

    private void Dispatch(ReadyEvent ready)
    {
        int slot = (int)(uint)ready.Token;
        if (_generations[slot] != (uint)(ready.Token >> 32))
            return;
        try
        {
            _slots[slot]?.OnReady(ready.Readiness);
        }
        catch (LinuxException e)
        {
            OnFault?.Invoke(e);
        }
    }

    private int NextTimeout(bool busy)
    {
        long next = long.MaxValue;
        foreach (Deadline deadline in _deadlines)
            next = Math.Min(next, deadline.At);
        if (next != long.MaxValue)
            return (int)Math.Clamp(next - Environment.TickCount64, 0, int.MaxValue);
        return busy ? IdleMilliseconds : -1;
    }

    private void RunDue()
    {
        if (_deadlines.Count == 0)
            return;
        long now = Environment.TickCount64;
        for (int i = _deadlines.Count - 1; i >= 0; i--)
        {
            // An action may have taken others back.
            if (i >= _deadlines.Count)
                continue;
            Deadline deadline = _deadlines[i];
            if (deadline.At > now)
                continue;
            _deadlines.RemoveAt(i);
            // May add deadlines at the end; those are looked at before the next wait.
            try
            {
                deadline.Action();
            }
            catch (LinuxException e)
            {
                OnFault?.Invoke(e);
            }
        }
    }

    private ulong Token(int slot) => ((ulong)_generations[slot] << 32) | (uint)slot;

    private readonly record struct Deadline(long At, Action Action);
}
