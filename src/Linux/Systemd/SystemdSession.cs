using System.Collections.Concurrent;

namespace CriRuntime.Linux.Systemd;

/// <summary>A connection on which systemd has answered, subscribed to the ends of jobs.</summary>
internal sealed class SystemdSession : IDisposable
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _jobs = new();
    private readonly BusConnection _connection;
    private readonly Action _onReloaded;

    private SystemdSession(SystemdTransport transport, Action onReloaded)
    {
        _onReloaded = onReloaded;
        _connection = new BusConnection(SystemdAddress.Open(transport), OnSignal);
    }

    internal bool IsOpen => _connection.IsOpen;

    /// <summary>Connects and waits until systemd answers.</summary>
    /// <exception cref="SystemdException">It cannot be reached.</exception>
    internal static async Task<SystemdSession> OpenAsync(SystemdTransport transport, Action onReloaded, TimeSpan limit, CancellationToken cancellationToken)
    {
        SystemdSession session = new(transport, onReloaded);
        try
        {
            await session.SubscribeAsync(transport).WaitAsync(limit, cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch (Exception e)
        {
            session.Dispose();
            if (e is TimeoutException)
                throw new SystemdException("connect", SystemdErrors.TimedOut, $"no answer within {limit.TotalSeconds} s", e);
            throw;
        }
    }

    /// <summary>A method of systemd's manager object.</summary>
    internal Task<T> CallAsync<T>(ManagerCall call, Func<BusMessage, T> read) =>
        _connection.CallAsync(call.Describe, SystemdAddress.Manager, call.Member, call.Write, read);

    /// <summary>A method of another object.</summary>
    internal Task<T> CallAsync<T>(string describe, BusAddress to, string member, Action<BusMessage> write, Func<BusMessage, T> read) =>
        _connection.CallAsync(describe, to, member, write, read);

    /// <summary>A method that answers with a job.</summary>
    /// <returns>Completes with the job's result as systemd names it (<c>done</c>, <c>failed</c>, <c>canceled</c>, ...) when the signal of its end comes.</returns>
    internal Task<Task<string>> CallForJobAsync(ManagerCall call) =>
        CallAsync(call, answer => _jobs.GetOrAdd(answer.ReadPath(), _ => NewJob()).Task);

    public void Dispose() => _connection.Dispose();

    private static TaskCompletionSource<string> NewJob() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task SubscribeAsync(SystemdTransport transport)
    {
        if (transport == SystemdTransport.SystemBus)
        {
            foreach (string signal in SystemdAddress.Signals)
                await CallAsync("subscribe", SystemdAddress.Bus, "AddMatch", m => m.Write(signal), _ => true).ConfigureAwait(false);
        }

        await CallAsync(ManagerCall.Subscribe, _ => true).ConfigureAwait(false);
    }

    private void OnSignal(BusMessage message)
    {
        if (JobEnd.From(message) is { } end)
            OnEnd(end);
        else if (message.IsSignal(SystemdAddress.ManagerInterface, "Reloading") && !message.ReadFlag())
            _onReloaded();
    }

    /// <summary>The answer that names a job comes before its end, so a job that nobody waits for is another client's.</summary>
    private void OnEnd(JobEnd end)
    {
        if (_jobs.TryRemove(end.Job, out TaskCompletionSource<string>? waiting))
            waiting.TrySetResult(end.Result);
    }
}
