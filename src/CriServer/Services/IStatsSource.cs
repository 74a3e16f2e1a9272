using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Sandboxes;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <summary>Measures pods and containers. Attributes (id, metadata, labels, annotations) included.</summary>
public interface IStatsSource
{
    Cri.ContainerStats OfContainer(Container container);

    /// <param name="containers">The pod's containers that live.</param>
    Cri.PodSandboxStats OfPod(PodSandbox pod, IReadOnlyList<Container> containers);
}
