using CriRuntime.Nri.Api;
using CriRuntime.Nri.Ttrpc;

namespace CriRuntime.Nri.Plugins;

/// <summary>The state of the runtime in messages that are small enough, all but the last marked with <c>more</c>.</summary>
internal static class SynchronizeParts
{
    /// <summary>Room for the envelope.</summary>
    private const int MaxSize = Message.MaxPayload - 1024;

    internal static IEnumerable<SynchronizeRequest> Split(IReadOnlyList<PodSandbox> pods, IReadOnlyList<Container> containers, int maxSize = MaxSize)
    {
        SynchronizeRequest part = new();
        int size = 0;
        foreach (PodSandbox pod in pods)
        {
            if (IsFull(ref size, pod.CalculateSize(), maxSize))
                yield return Take(ref part);
            part.Pods.Add(pod);
        }

        foreach (Container container in containers)
        {
            if (IsFull(ref size, container.CalculateSize(), maxSize))
                yield return Take(ref part);
            part.Containers.Add(container);
        }

        yield return part;
    }

    private static bool IsFull(ref int size, int added, int maxSize)
    {
        const int Framing = 8;
        added += Framing;
        bool full = size > 0 && size + added > maxSize;
        size = full ? added : size + added;
        return full;
    }

    private static SynchronizeRequest Take(ref SynchronizeRequest part)
    {
        SynchronizeRequest full = part;
        full.More = true;
        part = new SynchronizeRequest();
        return full;
    }
}
