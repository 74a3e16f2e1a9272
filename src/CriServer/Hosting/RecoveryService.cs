using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.Lsm;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Nri;
using CriRuntime.CriServer.Observability;
using CriRuntime.CriServer.Recovery;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;
using CriRuntime.Oci.SeccompFilters;

namespace CriRuntime.CriServer.Hosting;

/// <summary>Finds out, beside serving, what of the state on disk still lives. Lists are answered meanwhile; changes wait for it.</summary>
internal sealed class RecoveryService(
    RecoverState recovery, SecurityProfiles profiles, AppArmorProfiles appArmor, IMonitorLauncher launcher, NetworkGarbage network, UserNamespaceSupport userNamespaces,
    RuntimeHandlers handlers, NriService nri, IHostApplicationLifetime lifetime, ILogger<RecoveryService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // A hundred pods' monitors would take the processors from the opening of the socket.
            await lifetime.StartedAsync(stoppingToken);
            await recovery.ConvergeAsync(nri.StartAsync, stoppingToken);
            StartMemory.Release();
            launcher.Prepare();
            Warm();
            await appArmor.WarmAsync();
            if (await userNamespaces.ObstacleAsync() is { } obstacle)
                Log.NoUserNamespaces(logger, obstacle);
            await handlers.WarmAsync();
            // What was read and parsed for all this is garbage now, and may be most of the heap for days.
            MemoryTrim.Collect();
            await network.CollectAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            Log.RecoveryInterrupted(logger);
        }
    }

    private void Warm()
    {
        try
        {
            profiles.Warm();
        }
        catch (SeccompException e)
        {
            Log.NoDefaultProfile(logger, e.Message);
        }
    }
}
