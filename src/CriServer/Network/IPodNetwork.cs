using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Network;

/// <summary>The network pods are attached to.</summary>
public interface IPodNetwork
{
    /// <summary>Null when pods can be attached, or the reason why not.</summary>
    string? NotReadyReason { get; }

    /// <summary>Attaches the pod's pinned network namespace.</summary>
    Task<PodNetworkStatus> AttachAsync(PodSandbox pod, string netnsPath, CancellationToken cancellationToken);

    /// <summary>Gives back what <see cref="AttachAsync"/> took. Idempotent; the namespace may be gone.</summary>
    Task DetachAsync(PodSandbox pod, string netnsPath, CancellationToken cancellationToken);

    /// <summary>Gives back whatever is held for others than <paramref name="knownPodIds"/>, which is called when nothing is being attached.</summary>
    Task CollectAsync(Func<IReadOnlyCollection<string>> knownPodIds, CancellationToken cancellationToken);
}
