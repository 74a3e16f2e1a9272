namespace CriRuntime.Linux.Systemd;

/// <summary>
/// One connection to the bus. sd-bus is for one thread at a time: everything happens under a lock, and nothing in it waits; answers are taken
/// by the <see cref="Reactor"/> when the socket is readable. A connection that breaks fails what is pending and stays broken.
/// </summary>
internal sealed class BusConnection : IDisposable
{
    private const int PollIn = 1;
    private const int PollOut = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, PendingCall> _pending = [];
    private readonly Action<BusMessage> _onSignal;
    private readonly Reactor.Registration _registration;
    private readonly FileDescriptor _descriptor;
    private nint _bus;

    /// <param name="bus">Started; owned from here on.</param>
    /// <param name="onSignal">Called under the lock for every message that is not an answer. Must not throw.</param>
    internal BusConnection(nint bus, Action<BusMessage> onSignal)
    {
        _bus = bus;
        _onSignal = onSignal;
        // A duplicate: epoll wants a descriptor that is open until it was taken out, and libsystemd closes its own when it likes.
        _descriptor = Gate.Open(Libc.Fcntl(Libsystemd.GetFd(bus), Libc.F_DUPFD_CLOEXEC, 0), "fcntl F_DUPFD_CLOEXEC", "the bus");
        lock (_lock)
            _registration = Reactor.Shared.Watch(_descriptor, Interest(), _ => Advance());
    }

    /// <summary>It can still be called.</summary>
    internal bool IsOpen
    {
        get
        {
            lock (_lock)
                return _bus != 0;
        }
    }

    /// <summary>Sends a call and takes its answer.</summary>
    /// <param name="describe">Completes "could not ...", for the error.</param>
    /// <param name="to">Whom.</param>
    /// <param name="member">The method.</param>
    /// <param name="write">Appends the arguments.</param>
    /// <param name="read">Reads the answer, under the connection's lock and before any later message is looked at.</param>
    /// <exception cref="SystemdException">The answer was an error, or none came.</exception>
    internal Task<T> CallAsync<T>(string describe, BusAddress to, string member, Action<BusMessage> write, Func<BusMessage, T> read)
    {
        PendingCall<T> call = new(describe, read);
        lock (_lock)
        {
            if (_bus == 0)
            {
                call.Fail(SystemdErrors.Disconnected, "the connection is closed");
                return call.Answer;
            }
            using BusMessage message = BusMessage.Call(_bus, to, member);
            write(message);
            int result = Libsystemd.Send(_bus, message.Handle, out ulong cookie);
            if (result >= 0)
                _pending[cookie] = call;
            else
                call.Fail(SystemdErrors.Disconnected, ((Errno)(-result)).ToString());
            ProcessAll();
        }
        return call.Answer;
    }

    public void Dispose()
    {
        lock (_lock)
            Break("the connection was closed");
    }

    private void Advance()
    {
        lock (_lock)
        {
            if (_bus != 0)
                ProcessAll();
        }
    }

    /// <summary>Reads and writes what can be without waiting.</summary>
    private void ProcessAll()
    {
        while (_bus != 0)
        {
            int result = Libsystemd.Process(_bus, out nint handle);
            if (result < 0)
            {
                Break(((Errno)(-result)).ToString());
                return;
            }
            if (handle != 0)
            {
                using BusMessage message = new(handle);
                Dispatch(message);
            }
            if (result == 0)
            {
                _registration?.Modify(Interest());
                return;
            }
        }
    }

    private void Dispatch(BusMessage message)
    {
        if (message.ReplyTo is not { } cookie)
            _onSignal(message);
        else if (_pending.Remove(cookie, out PendingCall? call))
            call.Take(message);
    }

    private void Break(string reason)
    {
        if (_bus == 0)
            return;
        _registration.Dispose();
        _descriptor.Dispose();
        Libsystemd.CloseUnref(_bus);
        _bus = 0;
        foreach (PendingCall call in _pending.Values)
            call.Fail(SystemdErrors.Disconnected, $"the connection broke: {reason}");
        _pending.Clear();
    }

    private Readiness Interest()
    {
        int events = Libsystemd.GetEvents(_bus);
        return ((events & PollIn) != 0 ? Readiness.Readable : Readiness.None) | ((events & PollOut) != 0 ? Readiness.Writable : Readiness.None);
    }

    private abstract class PendingCall
    {
        internal abstract void Take(BusMessage message);

        internal abstract void Fail(string errorName, string reason);
    }

    private sealed class PendingCall<T>(string describe, Func<BusMessage, T> read) : PendingCall
    {
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<T> Answer => _answer.Task;

        internal override void Take(BusMessage message)
        {
            if (message.Error is { } error)
            {
                Fail(error.Name, error.Text);
                return;
            }
            try
            {
                _answer.SetResult(read(message));
            }
            catch (SystemdException e)
            {
                _answer.SetException(e);
            }
        }

        internal override void Fail(string errorName, string reason) => _answer.TrySetException(new SystemdException(describe, errorName, reason));
    }
}
