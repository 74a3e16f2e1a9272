using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.State;
using CriRuntime.Linux;
using CriRuntime.Linux.Systemd;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Control;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Cgroups;

/// <summary>
/// Writes containers' limits again when systemd has applied its own idea of them: a reload rounds quotas to percents, and versions before 253 end
/// <c>memory.oom.group</c> of every scope, which the kubelet sets for every container. Files that are as they should be are only read.
/// </summary>
public sealed class LimitsAfterReload(RuntimeState state, ContainerSpecs specs, CgroupHierarchy hierarchy, SystemdUnits units, ILogger<LimitsAfterReload> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        units.Reloaded += OnReloaded;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        units.Reloaded -= OnReloaded;
        return Task.CompletedTask;
    }

    private void OnReloaded() => _ = RestoreAllAsync();

    private async Task RestoreAllAsync()
    {
        foreach (Container container in state.Containers.Current.Values.Where(c => c.IsAlive))
        {
            using IDisposable held = await state.ContainerLocks.AcquireAsync(container.Id, CancellationToken.None).ConfigureAwait(false);
            try
            {
                if (state.Containers.Find(container.Id) is { IsAlive: true } && specs.Get(container).Linux?.Resources is { } limits)
                    CgroupUpdate.Apply(CgroupPlacement.For(hierarchy, container.CgroupPath), limits);
            }
            catch (Exception e) when (e is LinuxException or CgroupException or IOException or SpecException or Errors.CriException)
            {
                // It ends just now, or its limits stay a little off.
                CgroupLog.NotRestored(logger, container.Id, e.Message);
            }
        }
    }
}

internal static partial class CgroupLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "container {Container}: its limits could not be written again after systemd reloaded: {Reason}")]
    internal static partial void NotRestored(ILogger logger, string container, string reason);
}
