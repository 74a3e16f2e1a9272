using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Sandboxes;

namespace CriRuntime.CriServer.Events;

/// <summary>Something that happened to a container or to a pod sandbox, with the pod as it was then.</summary>
/// <param name="Id">Of the container, or of the sandbox.</param>
/// <param name="Time">When it happened, in nanoseconds since the epoch; not when it was noticed.</param>
/// <param name="Members">The pod's containers.</param>
public sealed record ContainerEvent(ContainerEventKind Kind, string Id, long Time, PodSandbox Pod, IReadOnlyList<Container> Members);

/// <inheritdoc cref="ContainerEvent"/>
public enum ContainerEventKind
{
    Created,
    Started,
    Stopped,
    Deleted,
}
