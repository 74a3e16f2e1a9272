using CriRuntime.Conmon.Protocol;
using CriRuntime.CriServer.Cgroups;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.Linux;
using CriRuntime.Linux.Launching;

namespace CriRuntime.CriServer.Monitors;

/// <summary>Starts and adopts cri-conmon.</summary>
public sealed class ConmonLauncher : IMonitorLauncher, IAsyncDisposable
{
    private readonly RuntimeSettings _settings;

    // A container's process shows the monitor's program as /proc/self/exe until it executes its own, so an image can get hold of it:
    // from a read-only mount it cannot be overwritten (CVE-2019-5736).
    // The spawned child has none of the daemon's descriptors when it executes, so the path goes through the daemon itself.
    private readonly Lazy<FileDescriptor> _program;
    private readonly Lazy<IReadOnlyList<string>> _cgroup;
    private readonly SpareMonitors _spares;

    private readonly IContainerCgroups _cgroups;

    public ConmonLauncher(RuntimeSettings settings, IContainerCgroups cgroups)
    {
        _settings = settings;
        _cgroups = cgroups;
        _program = new(() => ReadOnlyExecutable.Open(settings.ConmonPath));
        // Systemd moves monitors itself.
        _cgroup = new(() => settings.CgroupDriver == CgroupDriver.Systemd ? [] : MonitorCgroup.Prepare(settings.MonitorCgroup));
        _spares = new SpareMonitors(cancellationToken => MonitorClient.LaunchSpareAsync(ProgramPath, cancellationToken));
    }

    private string ProgramPath => $"/proc/{Environment.ProcessId}/fd/{_program.Value.Number}";

    public void Prepare() => _spares.Refill();

    public async Task<IMonitor> LaunchAsync(string podId, string podDirectory, CancellationToken cancellationToken)
    {
        MonitorLaunchOptions options = new(ProgramPath, podDirectory, podId)
        {
            CgroupProcs = _cgroup.Value,
            LogLevel = _settings.MonitorLogLevel,
        };
        MonitorClient? spare = await _spares.TryTakeAsync().ConfigureAwait(false);
        try
        {
            ConmonMonitor monitor = new(spare is null
                ? await MonitorClient.LaunchAsync(options, cancellationToken).ConfigureAwait(false)
                : await AssignAsync(spare, options, cancellationToken).ConfigureAwait(false));
            await MoveAsync(monitor, podId, cancellationToken).ConfigureAwait(false);
            return monitor;
        }
        finally
        {
            _spares.Refill();
        }
    }

    public async Task<IMonitor> AdoptAsync(string podDirectory, CancellationToken cancellationToken) =>
        new ConmonMonitor(await MonitorClient.AdoptAsync(podDirectory, cancellationToken).ConfigureAwait(false));

    public async ValueTask DisposeAsync()
    {
        await _spares.DisposeAsync().ConfigureAwait(false);
        if (_program.IsValueCreated)
            _program.Value.Dispose();
    }

    private async Task MoveAsync(ConmonMonitor monitor, string podId, CancellationToken cancellationToken)
    {
        try
        {
            await _cgroups.AdoptMonitorAsync(podId, monitor.Pid, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await using (monitor.ConfigureAwait(false))
                await monitor.ShutdownAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<MonitorClient> AssignAsync(MonitorClient spare, MonitorLaunchOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await spare.AssignAsync(options, cancellationToken).ConfigureAwait(false);
            return spare;
        }
        catch
        {
            await spare.DisposeAsync().ConfigureAwait(false); // and with it the monitor
            throw;
        }
    }
}
