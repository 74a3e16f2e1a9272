using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Containers;

/// <summary>ReopenContainerLog: after the kubelet has rotated the file away, the output goes on in a new one.</summary>
public sealed class ReopenLog(RuntimeState state, MonitorRegistry monitors)
{
    /// <exception cref="CriException">NotFound; FailedPrecondition unless it runs.</exception>
    public Task ExecuteAsync(string idOrPrefix, CancellationToken cancellationToken)
    {
        Container container = state.Containers.Get(idOrPrefix);
        if (container.Phase != ContainerPhase.Running)
            throw CriException.FailedPrecondition($"{container} is {container.Phase}, not Running: its log can't be reopened");
        return monitors.Get(container.SandboxId).ReopenLogAsync(container.Id, cancellationToken);
    }
}
