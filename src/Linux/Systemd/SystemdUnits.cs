namespace CriRuntime.Linux.Systemd;

/// <summary>
/// Units of the system's service manager (org.freedesktop.systemd1(5)). Safe for any thread; no call blocks one. Connects at the first call, and again
/// when systemd or the bus executed anew. Methods throw <see cref="SystemdException"/> when systemd refuses or cannot be reached.
/// </summary>
public sealed class SystemdUnits : IDisposable
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan JobLimit = TimeSpan.FromSeconds(60);

    /// <summary>How long to wait for a job's signal before the unit itself is asked: a signal can be lost while systemd executes anew.</summary>
    private static readonly TimeSpan SignalPatience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan[] Retries = [TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)];

    private readonly SemaphoreSlim _connecting = new(1, 1);
    private SystemdSession? _session;
    private bool _wasConnected;

    /// <summary>
    /// Systemd has read its units anew (daemon-reload) or executed anew, and has by then applied their properties again; also raised when that may have been missed.
    /// On the thread pool.
    /// </summary>
    public event Action? Reloaded;

    /// <summary>Whether this system was booted with systemd (sd_booted(3)).</summary>
    public static bool IsRunning => Directory.Exists("/run/systemd/system");

    /// <summary>Systemd's version, e.g. <c>252.38-1~deb12u1</c>; proves that it can be reached.</summary>
    public Task<string> VersionAsync(CancellationToken cancellationToken) =>
        CallAsync(session => session.CallAsync("read the version", SystemdAddress.ManagerProperties, "Get", WriteName(SystemdAddress.ManagerInterface, "Version"), m => m.ReadTextVariant()), cancellationToken);

    /// <summary>Makes and starts a scope or slice that exists until it is stopped, and waits until it is active.</summary>
    /// <param name="unit">With its suffix.</param>
    /// <param name="properties">A scope needs its processes among them.</param>
    /// <param name="cancellationToken">Ends the wait, not the work.</param>
    /// <exception cref="SystemdException"><see cref="SystemdException.IsUnitExists"/>: a unit of that name is loaded.</exception>
    public async Task StartTransientAsync(string unit, IReadOnlyList<UnitProperty> properties, CancellationToken cancellationToken)
    {
        Task<string> job = await CallAsync(session => session.CallForJobAsync(ManagerCall.StartTransient(unit, properties)), cancellationToken).ConfigureAwait(false);
        await FinishAsync($"start {unit}", job, async () => await ActiveStateAsync(unit, cancellationToken).ConfigureAwait(false) == "active", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops a unit: its processes are killed, its cgroup is removed. Waits for that. Fine when it is not loaded.</summary>
    public async Task StopAsync(string unit, CancellationToken cancellationToken)
    {
        try
        {
            Task<string> job = await CallAsync(session => session.CallForJobAsync(ManagerCall.Stop(unit)), cancellationToken).ConfigureAwait(false);
            await FinishAsync($"stop {unit}", job, async () => await ActiveStateAsync(unit, cancellationToken).ConfigureAwait(false) is "inactive" or "failed", cancellationToken)
                .ConfigureAwait(false);
        }
        catch (SystemdException e) when (e.IsNoSuchUnit)
        {
            return;
        }
    }

    /// <summary>Forgets that a unit failed, so that its name is free. Fine when it is not loaded.</summary>
    public async Task ResetFailedAsync(string unit, CancellationToken cancellationToken)
    {
        try
        {
            await CallAsync(session => session.CallAsync(ManagerCall.ResetFailed(unit), _ => true), cancellationToken).ConfigureAwait(false);
        }
        catch (SystemdException e) when (e.IsNoSuchUnit)
        {
            return;
        }
    }

    /// <summary>Sets properties of a loaded unit until it ends or the system reboots.</summary>
    public Task SetPropertiesAsync(string unit, IReadOnlyList<UnitProperty> properties, CancellationToken cancellationToken) =>
        CallAsync(session => session.CallAsync(ManagerCall.SetProperties(unit, properties), _ => true), cancellationToken);

    /// <returns><c>active</c>, <c>inactive</c>, <c>failed</c>, <c>activating</c>, <c>deactivating</c> or <c>reloading</c>; a unit that is not loaded is inactive.</returns>
    public async Task<string> ActiveStateAsync(string unit, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(unit, "org.freedesktop.systemd1.Unit", "ActiveState", m => m.ReadTextVariant(), cancellationToken).ConfigureAwait(false);
        }
        catch (SystemdException e) when (e.IsNoSuchUnit)
        {
            return "inactive";
        }
    }

    /// <summary>A property of a scope that is a number, e.g. <c>MemoryMax</c>.</summary>
    public Task<ulong> ScopeNumberAsync(string scope, string property, CancellationToken cancellationToken) =>
        GetAsync(scope, "org.freedesktop.systemd1.Scope", property, m => m.ReadNumberVariant(), cancellationToken);

    public void Dispose()
    {
        Interlocked.Exchange(ref _session, null)?.Dispose();
        _connecting.Dispose();
    }

    private async Task<T> GetAsync<T>(string unit, string @interface, string property, Func<BusMessage, T> read, CancellationToken cancellationToken)
    {
        string describe = $"read {property} of {unit}";
        string path = await CallAsync(session => session.CallAsync(new ManagerCall(describe, "GetUnit", m => m.Write(unit)), m => m.ReadPath()), cancellationToken).ConfigureAwait(false);
        BusAddress address = SystemdAddress.ManagerProperties with { Path = path };
        return await CallAsync(session => session.CallAsync(describe, address, "Get", WriteName(@interface, property), read), cancellationToken).ConfigureAwait(false);
    }

    private static Action<BusMessage> WriteName(string first, string second) => m =>
    {
        m.Write(first);
        m.Write(second);
    };

    private static async Task FinishAsync(string describe, Task<string> job, Func<Task<bool>> isFinished, CancellationToken cancellationToken)
    {
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (true)
        {
            await Task.WhenAny(job, Task.Delay(SignalPatience, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (job.IsCompleted)
            {
                string result = await job.ConfigureAwait(false);
                if (result is "done" or "skipped" || await isFinished().ConfigureAwait(false))
                    return;
                throw new SystemdException(describe, SystemdErrors.Failed, $"the job ended as \"{result}\"; journalctl says why");
            }
            if (await isFinished().ConfigureAwait(false))
                return;
            if (System.Diagnostics.Stopwatch.GetElapsedTime(started) > JobLimit)
                throw new SystemdException(describe, SystemdErrors.TimedOut, $"the job has not ended within {JobLimit.TotalSeconds} s");
        }
    }

    /// <summary>Makes a call, again where the connection broke under it: systemd executes anew within a second or so.</summary>
    private async Task<T> CallAsync<T>(Func<SystemdSession, Task<T>> call, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                SystemdSession session = await ConnectAsync(cancellationToken).ConfigureAwait(false);
                return await call(session).WaitAsync(CallLimit, cancellationToken).ConfigureAwait(false);
            }
            catch (SystemdException e) when (e.IsDisconnected && attempt < Retries.Length)
            {
                await Task.Delay(Retries[attempt], cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException e)
            {
                throw new SystemdException("call", SystemdErrors.TimedOut, $"no answer within {CallLimit.TotalSeconds} s", e);
            }
        }
    }

    private async Task<SystemdSession> ConnectAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _session) is { IsOpen: true } open)
            return open;
        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_session is { IsOpen: true } other)
                return other;
            _session?.Dispose();
            _session = await OpenAsync(cancellationToken).ConfigureAwait(false);
            if (_wasConnected)
                TellReloaded();
            _wasConnected = true;
            return _session;
        }
        finally
        {
            _connecting.Release();
        }
    }

    private void TellReloaded() => ThreadPool.QueueUserWorkItem(_ => Reloaded?.Invoke());

    /// <summary>The system bus, else systemd's own socket.</summary>
    private async Task<SystemdSession> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await SystemdSession.OpenAsync(SystemdTransport.SystemBus, TellReloaded, CallLimit, cancellationToken).ConfigureAwait(false);
        }
        catch (SystemdException bus)
        {
            try
            {
                return await SystemdSession.OpenAsync(SystemdTransport.Private, TellReloaded, CallLimit, cancellationToken).ConfigureAwait(false);
            }
            catch (SystemdException own)
            {
                throw new SystemdException("connect", bus.ErrorName, $"{bus.Message}; {own.Message}", own);
            }
        }
    }
}
