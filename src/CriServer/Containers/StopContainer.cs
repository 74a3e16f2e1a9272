using System.Collections.Concurrent;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Nri;
using CriRuntime.CriServer.State;
using CriRuntime.Tracing;

namespace CriRuntime.CriServer.Containers;

/// <summary>
/// StopContainer: the stop signal, then after the grace period SIGKILL to all. No lock is held meanwhile; of several stops
/// under way the one whose time ends first kills. Idempotent.
/// </summary>
public sealed class StopContainer(
    RuntimeState state, MonitorRegistry monitors, KillContainer kill, ContainerEnds ends, TimeProvider time, ILogger<StopContainer> logger)
{
    private static readonly TimeSpan LongestGrace = TimeSpan.FromDays(30);

    /// <summary>Containers that have had their stop signal, so that a second request does not send it again.</summary>
    private readonly ConcurrentDictionary<string, bool> _signalled = new();

    /// <summary>Fine when the container has ended or does not exist.</summary>
    /// <param name="graceSeconds">0 or less kills at once.</param>
    /// <exception cref="Errors.CriException">DeadlineExceeded when the kernel did not end its processes in time.</exception>
    public async Task ExecuteAsync(string idOrPrefix, long graceSeconds, CancellationToken cancellationToken)
    {
        if (state.Containers.Find(idOrPrefix) is not { IsAlive: true } container)
            return;
        Spans.Tag("container.id", container.Id);
        bool polite = graceSeconds > 0 && container.Phase == ContainerPhase.Running
            && monitors.Find(container.SandboxId) is { } monitor
            && await EndsPolitelyAsync(container, monitor, graceSeconds, cancellationToken).ConfigureAwait(false);
        if (!polite)
            await kill.ExecuteAsync(container, cancellationToken).ConfigureAwait(false);
        ContainerLog.Stopped(logger, container.Id);
        await ends.ToldAsync(container.Id).ConfigureAwait(false);
    }

    private async Task<bool> EndsPolitelyAsync(Container container, IMonitor monitor, long graceSeconds, CancellationToken cancellationToken)
    {
        TimeSpan grace = graceSeconds < LongestGrace.TotalSeconds ? TimeSpan.FromSeconds(graceSeconds) : LongestGrace;
        using CancellationTokenSource graceOver = new(grace, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(graceOver.Token, cancellationToken);
        bool first = _signalled.TryAdd(container.Id, true);
        try
        {
            if (first)
                await monitor.SignalAsync(container.Id, container.StopSignal, cancellationToken).ConfigureAwait(false);
            await Spans.RunAsync("container.grace", _ => state.Containers.WaitForAsync(container.Id, c => !c.IsAlive, either.Token)).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            if (first)
                _signalled.TryRemove(container.Id, out _);
        }
    }
}
