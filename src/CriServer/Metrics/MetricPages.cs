using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Metrics;

/// <summary>Cuts a stream of pods into messages.</summary>
internal static class MetricPages
{
    internal const int MostPods = 100;

    /// <summary>A metric is some 200 bytes, with the longest names 800: so a page is 2 MB, and 8 at most, of the 16 that the kubelet takes.</summary>
    internal const int MostMetrics = 10_000;

    /// <summary>A page ends with the pod that fills it. Pods are measured as the pages are taken.</summary>
    internal static IEnumerable<Cri.PodSandboxMetrics[]> Of(IEnumerable<Cri.PodSandboxMetrics> pods)
    {
        List<Cri.PodSandboxMetrics> page = [];
        int metrics = 0;
        foreach (Cri.PodSandboxMetrics pod in pods)
        {
            page.Add(pod);
            metrics += pod.Metrics.Count + pod.ContainerMetrics.Sum(static container => container.Metrics.Count);
            if (page.Count < MostPods && metrics < MostMetrics)
                continue;
            yield return [.. page];
            page.Clear();
            metrics = 0;
        }

        if (page.Count > 0)
            yield return [.. page];
    }
}
