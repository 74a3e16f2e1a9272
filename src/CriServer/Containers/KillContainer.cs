using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.Tracing;

namespace CriRuntime.CriServer.Containers;

/// <summary>SIGKILL to everything in a container, and the wait for its end. Works without a monitor too.</summary>
public sealed class KillContainer(RuntimeState state, MonitorRegistry monitors, IContainerCgroups cgroups)
{
    /// <summary>A process in an uninterruptible sleep (a dead NFS server) may take any time; others must not wait for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Fine when the container has ended or is gone.</summary>
    /// <exception cref="CriException">DeadlineExceeded when the kernel did not end its processes in time.</exception>
    public async Task ExecuteAsync(Container container, CancellationToken cancellationToken)
    {
        if (monitors.Find(container.SandboxId) is { } monitor)
        {
            await monitor.KillAllAsync(container.Id, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await cgroups.KillAllAsync(container.CgroupPath, cancellationToken).ConfigureAwait(false);
            state.Containers.TryTransition(
                container.Id, c => ContainerTransitions.Lost(c, "it was killed after its monitor had gone", state.Now()));
        }

        await Spans.RunAsync("container.end", _ => WaitForEndAsync(container, cancellationToken)).ConfigureAwait(false);
    }

    private async Task WaitForEndAsync(Container container, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await state.Containers.WaitForAsync(container.Id, c => !c.IsAlive, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CriException(
                CriErrorKind.DeadlineExceeded,
                $"{container} was killed, but its processes have not ended after {Patience.TotalSeconds} s; they may wait for a device or a network file system");
        }
    }
}
