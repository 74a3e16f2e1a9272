using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Events;

/// <summary>Something that happened to a container or to a pod sandbox, with the pod as it was then.</summary>
/// <param name="Id">Of the container, or of the sandbox.</param>
/// <param name="Time">
/// When pod and containers were as the event has them, in nanoseconds since the epoch. When a container began and ended is in its status, and may be earlier.
/// </param>
/// <param name="Members">The pod's containers, the newest first.</param>
public sealed record ContainerEvent(ContainerEventKind Kind, string Id, long Time, PodSandbox Pod, IReadOnlyList<Container> Members);

/// <inheritdoc cref="ContainerEvent"/>
public enum ContainerEventKind
{
    Created,
    Started,
    Stopped,
    Deleted,
}
