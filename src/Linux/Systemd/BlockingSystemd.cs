namespace CriRuntime.Linux.Systemd;

/// <summary>
/// Units of the system's service manager for a program of one thread: like <see cref="SystemdUnits"/>, but each call waits for its outcome, and no other
/// thread is started. Methods throw <see cref="SystemdException"/> when systemd refuses or cannot be reached.
/// </summary>
public sealed class BlockingSystemd : IDisposable
{
    private const int JobLimit = 60_000; // milliseconds

    /// <summary>Milliseconds before each further try on a connection that broke: systemd executes anew within a second or so.</summary>
    private static readonly int[] Retries = [50, 250, 1000];

    private BlockingBus? _bus;

    /// <summary>Systemd's version, e.g. <c>252.38-1~deb12u1</c>.</summary>
    public string Version() => Ask(bus => bus.Call("read the version", SystemdAddress.ManagerProperties, "Get", message =>
    {
        message.Write(SystemdAddress.ManagerInterface);
        message.Write("Version");
    }, answer => answer.ReadTextVariant()));

    /// <summary>Makes and starts a scope or slice that exists until it is stopped.</summary>
    /// <exception cref="SystemdException"><see cref="SystemdException.IsUnitExists"/>: a unit of that name is loaded.</exception>
    public void StartTransient(string unit, IReadOnlyList<UnitProperty> properties) => Finish(ManagerCall.StartTransient(unit, properties));

    /// <summary>Stops a unit: its processes are killed, its cgroup is removed. Fine when it is not loaded.</summary>
    public void Stop(string unit) => IfLoaded(() => Finish(ManagerCall.Stop(unit)));

    /// <summary>Forgets that a unit failed, so that its name is free. Fine when it is not loaded.</summary>
    public void ResetFailed(string unit) => IfLoaded(() => Ask(bus => bus.Call(ManagerCall.ResetFailed(unit), _ => true)));

    /// <summary>Sets properties of a loaded unit until it ends or the system reboots.</summary>
    public void SetProperties(string unit, IReadOnlyList<UnitProperty> properties) => Ask(bus => bus.Call(ManagerCall.SetProperties(unit, properties), _ => true));

    public void Dispose()
    {
        _bus?.Dispose();
        _bus = null;
    }

    private static void IfLoaded(Action action)
    {
        try
        {
            action();
        }
        catch (SystemdException e) when (e.IsNoSuchUnit)
        {
            return;
        }
    }

    /// <summary>Call and job on one connection: another would not be told of the job's end.</summary>
    private void Finish(ManagerCall call)
    {
        string result = Ask(bus => bus.AwaitJob(call.Describe, bus.Call(call, answer => answer.ReadPath()), JobLimit));
        if (result is not ("done" or "skipped"))
            throw new SystemdException(call.Describe, SystemdErrors.Failed, $"the job ended as \"{result}\"; journalctl says why");
    }

    private T Ask<T>(Func<BlockingBus, T> question)
    {
        using EventFd never = new();
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                _bus ??= BlockingBus.Open();
                return question(_bus);
            }
            catch (SystemdException e) when (e.IsDisconnected && attempt < Retries.Length)
            {
                Dispose();
                Launching.HostFile.AwaitReadable(never.Descriptor, Retries[attempt]);
            }
        }
    }
}
