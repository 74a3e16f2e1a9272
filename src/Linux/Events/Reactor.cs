using System.Collections.Concurrent;

namespace CriRuntime.Linux;

/// <summary>
/// One background thread around epoll for a process of many threads: sockets and pidfds are watched here, so that no
/// thread of the pool ever blocks in a wait. Callbacks run on that thread, must not block and must not throw.
/// </summary>
public sealed class Reactor : IDisposable
{
    private const ulong StopToken = 0;

    private static readonly Lazy<Reactor> SharedReactor = new(() => new Reactor());

    private readonly Epoll _epoll = new();
    private readonly EventFd _stop = new();
    private readonly ConcurrentDictionary<ulong, Registration> _registrations = new();
    private ulong _lastToken = StopToken;

    public Reactor()
    {
        _epoll.Add(_stop.Descriptor, Readiness.Readable, StopToken);
        new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "reactor" }.Start();
    }

    /// <summary>The process's own reactor, started at first use and never stopped.</summary>
    public static Reactor Shared => SharedReactor.Value;

    /// <summary>Calls <paramref name="onReady"/> again and again for as long as the descriptor is ready, until the registration is disposed.</summary>
    public Registration Watch(FileDescriptor fd, Readiness interest, Action<Readiness> onReady)
    {
        ulong token = Interlocked.Increment(ref _lastToken);
        Registration registration = new(this, fd, token, onReady);
        _registrations[token] = registration;
        try
        {
            // The callback may run before the caller has the registration; those who need it lock.
            lock (registration)
                _epoll.Add(fd, interest, token);
        }
        catch (LinuxException)
        {
            _registrations.TryRemove(token, out _);
            throw;
        }

        return registration;
    }

    /// <summary>Completes on the thread pool when the descriptor is ready for what was asked, or hung up.</summary>
    public async Task WaitAsync(FileDescriptor fd, Readiness interest, CancellationToken cancellationToken)
    {
        TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using Registration registration = Watch(fd, interest, _ => ready.TrySetResult());
        using CancellationTokenRegistration cancelled = cancellationToken.Register(() => ready.TrySetCanceled(cancellationToken));
        await ready.Task.ConfigureAwait(false);
    }

    /// <summary>Ends the thread. Registrations that remain are never called again.</summary>
    public void Dispose() => _stop.Raise();

    private void Run()
    {
        ReadyEvent[] ready = new ReadyEvent[64];
        while (true)
        {
            int count = _epoll.Wait(ready, timeoutMilliseconds: -1);
            foreach (ReadyEvent one in ready.AsSpan(0, count))
            {
                if (one.Token == StopToken)
                {
                    _epoll.Dispose();
                    _stop.Dispose();
                    return;
                }

                // Absent: disposed by an earlier callback of this batch.
                if (_registrations.TryGetValue(one.Token, out Registration? registration))
                    registration.OnReady(one.Readiness);
            }
        }
    }

    /// <summary>A watched descriptor; Dispose ends the watch and must come before the descriptor is closed.</summary>
    public sealed class Registration : IDisposable
    {
        private readonly Reactor _reactor;
        private readonly FileDescriptor _fd;
        private readonly ulong _token;

        internal Registration(Reactor reactor, FileDescriptor fd, ulong token, Action<Readiness> onReady)
        {
            _reactor = reactor;
            _fd = fd;
            _token = token;
            OnReady = onReady;
        }

        internal Action<Readiness> OnReady { get; }

        /// <summary>Changes what the descriptor is watched for.</summary>
        public void Modify(Readiness interest) => _reactor._epoll.Modify(_fd, interest, _token);

        public void Dispose()
        {
            if (!_reactor._registrations.TryRemove(_token, out _))
                return;
            lock (this)
                _reactor._epoll.Remove(_fd);
        }
    }
}
