namespace CriRuntime.CriServer.Classes;

/// <summary>Kubernetes' quality of service classes, which the kubelet tells by where it puts a pod: <c>/kubepods/burstable/pod1</c>, <c>kubepods-burstable-pod1.slice</c>.</summary>
internal static class PodQos
{
    /// <summary>Null: the pod is none of a kubelet's.</summary>
    /// <param name="cgroup">A path below the hierarchies' roots.</param>
    internal static string? Of(string cgroup)
    {
        if (!cgroup.Contains("kubepods", StringComparison.Ordinal))
            return null;
        return cgroup.Contains("besteffort", StringComparison.Ordinal) ? "BestEffort"
            : cgroup.Contains("burstable", StringComparison.Ordinal) ? "Burstable"
            : "Guaranteed";
    }
}
