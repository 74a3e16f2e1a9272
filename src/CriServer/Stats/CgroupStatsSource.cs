using System.Collections.Concurrent;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Services;
using CriRuntime.CriServer.State;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Stats;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Stats;

/// <summary>Statistics from cgroup files, read when asked for. Readers are kept as long as their container or pod is known.</summary>
public sealed class CgroupStatsSource : IStatsSource
{
    private readonly ConcurrentDictionary<string, CgroupMeter> _meters = new(StringComparer.Ordinal);
    private readonly IWritableLayers _layers;
    private readonly CgroupHierarchy _hierarchy;

    public CgroupStatsSource(RuntimeState state, CgroupHierarchy hierarchy, IWritableLayers layers)
    {
        _hierarchy = hierarchy;
        _layers = layers;
        state.Containers.Changed += (old, changed) => ForgetWhenGone(old?.CgroupPath, changed);
        state.Pods.Changed += (old, changed) => ForgetWhenGone(old?.CgroupPath, changed);
    }

    public Cri.ContainerStats OfContainer(Container container)
    {
        Cri.ContainerStats result = new()
        {
            Attributes = new Cri.ContainerAttributes
            {
                Id = container.Id,
                Metadata = container.Config.Metadata.ToCri(),
                Labels = { container.Config.Labels },
                Annotations = { container.Config.Annotations },
            },
            WritableLayer = LayerOf(container.Id),
        };
        if (!container.IsAlive)
            return result;
        (CgroupStats stats, ulong? nanoCores) = Meter(container.CgroupPath).Read();
        result.Cpu = stats.ToCpu(nanoCores);
        result.Memory = stats.ToMemory();
        result.Swap = stats.ToSwap();
        result.Io = stats.ToIo();
        return result;
    }

    public Cri.PodSandboxStats OfPod(PodSandbox pod, IReadOnlyList<Container> containers)
    {
        (CgroupStats stats, ulong? nanoCores) = Meter(pod.CgroupPath).Read(StatsParts.Pod);
        Container? inside = containers.FirstOrDefault(container => container.Pid != 0);
        return new Cri.PodSandboxStats
        {
            Attributes = new Cri.PodSandboxAttributes
            {
                Id = pod.Id,
                Metadata = pod.Config.Metadata.ToCri(),
                Labels = { pod.Config.Labels },
                Annotations = { pod.Config.Annotations },
            },
            Linux = new Cri.LinuxPodSandboxStats
            {
                Cpu = stats.ToCpu(nanoCores),
                Memory = stats.ToMemory(),
                Io = stats.ToIo(),
                Process = stats.ToProcesses(),
                Network = inside is null || pod.HostNetwork ? null : NetworkCounters.Read(inside.Pid, stats.Timestamp),
                Containers = { containers.Select(OfContainer) },
            },
        };
    }

    private CgroupMeter Meter(string cgroupPath) =>
        _meters.GetOrAdd(cgroupPath, static (path, hierarchy) => new CgroupMeter(hierarchy, path), _hierarchy);

    private Cri.FilesystemUsage LayerOf(string containerId)
    {
        LayerUse use = _layers.UseOf(containerId) ?? new LayerUse(0, 0, (DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100);
        return new Cri.FilesystemUsage
        {
            Timestamp = use.MeasuredAt,
            FsId = new Cri.FilesystemIdentifier { Mountpoint = _layers.MountPoint },
            UsedBytes = StatsTranslation.Value(use.Bytes),
            InodesUsed = StatsTranslation.Value(use.Inodes),
        };
    }

    private void ForgetWhenGone(string? cgroupPath, object? changed)
    {
        if (changed is null && cgroupPath is not null)
            _meters.TryRemove(cgroupPath, out _);
    }
}
