using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Specs;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>Every change of a pod's phase, drawn at <see cref="PodSandbox"/>. Each validates and returns the new state, or the same object when nothing changes.</summary>
public static class SandboxTransitions
{
    public static PodSandbox Ready(PodSandbox pod, PodNetworkStatus network) =>
        pod.Phase == SandboxPhase.Creating
            ? pod with { Phase = SandboxPhase.Ready, Network = network }
            : throw CriException.FailedPrecondition($"{pod} became {pod.Phase} while it was being created");

    public static PodSandbox AttachIntended(PodSandbox pod) => pod with { NetworkAttached = true };

    public static PodSandbox Stopping(PodSandbox pod) => pod.Phase switch
    {
        SandboxPhase.Ready => pod with { Phase = SandboxPhase.Stopping },
        SandboxPhase.NotReady when pod.NetworkAttached => pod with { Phase = SandboxPhase.Stopping },
        SandboxPhase.Creating => throw CriException.FailedPrecondition($"{pod} is still being created; stop it when that is done"),
        _ => pod,
    };

    public static PodSandbox Detached(PodSandbox pod) =>
        pod.NetworkAttached ? pod with { NetworkAttached = false, Network = PodNetworkStatus.None } : pod;

    public static PodSandbox Stopped(PodSandbox pod) =>
        pod.Phase == SandboxPhase.Stopping ? pod with { Phase = SandboxPhase.NotReady } : pod;

    /// <summary>The monitor is gone, and with it all that ran.</summary>
    public static PodSandbox MonitorLost(PodSandbox pod) =>
        pod.Phase == SandboxPhase.Ready ? pod with { Phase = SandboxPhase.NotReady } : pod;

    /// <summary>Throws unless the pod's resources may be changed.</summary>
    public static PodSandbox EnsureUpdatable(PodSandbox pod) => pod.IsReady
        ? pod
        : throw CriException.FailedPrecondition($"{pod} is {pod.Phase}, not Ready: its resources can't be updated");

    /// <summary>Null leaves what was.</summary>
    public static PodSandbox Updated(PodSandbox pod, ContainerResources? overhead, ContainerResources? resources)
    {
        EnsureUpdatable(pod);
        return overhead is null && resources is null
            ? pod
            : pod with { UpdatedOverhead = overhead ?? pod.UpdatedOverhead, UpdatedResources = resources ?? pod.UpdatedResources };
    }

    public static PodSandbox Removing(PodSandbox pod) => pod.Phase switch
    {
        SandboxPhase.NotReady => pod with { Phase = SandboxPhase.Removing },
        SandboxPhase.Removing => pod,
        _ => throw CriException.FailedPrecondition($"{pod} is {pod.Phase}; it must be stopped before it is removed"),
    };
}
