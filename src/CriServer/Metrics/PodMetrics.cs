using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Stats;
using CriRuntime.Linux;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Stats;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Metrics;

/// <summary>Measures pods and their living containers under cAdvisor's names. Files are read when asked for; none is kept open.</summary>
public sealed class PodMetrics(RuntimeState state, CgroupHierarchy hierarchy, IWritableLayers layers)
{
    private const StatsParts Parts = StatsParts.Cpu | StatsParts.Throttling | StatsParts.Memory | StatsParts.MemoryDetail
        | StatsParts.Pids | StatsParts.IoDevices | StatsParts.Hugetlb | StatsParts.Pressure;

    /// <summary>Pods that are ready now, each measured when the enumeration reaches it. What ends meanwhile is left out.</summary>
    public IEnumerable<Cri.PodSandboxMetrics> Measure()
    {
        ILookup<string, string> members = state.Containers.Current.Values
            .Where(static container => container.IsAlive)
            .ToLookup(static container => container.SandboxId, static container => container.Id, StringComparer.Ordinal);
        FileSystemSpace? space = FileSystemMetrics.SpaceOf(layers.MountPoint);
        return state.Pods.Current.Values.Where(static pod => pod.IsReady).Select(pod => Measure(pod, StillAlive(members[pod.Id]), space));
    }

    /// <summary>As they are now: the pid of a while ago may be another process's.</summary>
    private Container[] StillAlive(IEnumerable<string> ids) =>
        [.. ids.Select(state.Containers.Current.GetValueOrDefault).OfType<Container>().Where(static container => container.IsAlive)];

    private Cri.PodSandboxMetrics Measure(PodSandbox pod, Container[] members, FileSystemSpace? space)
    {
        Cri.PodSandboxMetrics result = new() { PodSandboxId = pod.Id };
        Container? inside = Array.Find(members, static container => container.Pid != 0);
        if (inside is not null && !pod.HostNetwork && NetworkCounters.ReadInterfaces(inside.Pid) is { } interfaces)
            NetworkMetrics.AddTo(new MetricRows(MetricLabels.Of(pod), state.Now(), result.Metrics), interfaces);
        foreach (Container container in members)
            result.ContainerMetrics.Add(Measure(pod, container, space));
        return result;
    }

    private Cri.ContainerMetrics Measure(PodSandbox pod, Container container, FileSystemSpace? space)
    {
        Cri.ContainerMetrics result = new() { ContainerId = container.Id };
        CgroupPlacement placement = CgroupPlacement.For(hierarchy, container.CgroupPath);
        CgroupStats stats = new StatsReader(placement).Read(Parts);
        result.Metrics.Capacity = MetricTable.All.Length + 8;
        MetricRows rows = new(MetricLabels.Of(pod, container), stats.Timestamp, result.Metrics);
        CpuMetrics.AddTo(rows, stats);
        MemoryMetrics.AddTo(rows, stats);
        HugepageMetrics.AddTo(rows, stats);
        FileSystemMetrics.AddTo(rows, layers.UseOf(container.Id), space);
        BlockDeviceMetrics.AddTo(rows, stats);
        ProcessMetrics.AddTo(rows, stats, ProcessFigures.Read(placement, container.Pid));
        PressureMetrics.AddTo(rows, stats);
        SpecMetrics.AddTo(rows, container.Resources);
        LifeMetrics.AddTo(rows, container);
        return result;
    }
}
