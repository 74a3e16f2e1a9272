using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Stats;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.CriServer.Tests.Metrics;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Tests.Stats;

public sealed class CgroupStatsSourceTests : IDisposable
{
    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_pods_statistics_have_what_the_kubelet_sums_up(bool v1)
    {
        using CgroupTree cgroups = v1 ? CgroupTree.V1() : CgroupTree.V2();
        PodSandbox pod = _daemon.State.Pods.Get(await _daemon.RunAsync());
        cgroups.Write(pod.CgroupPath, "pids", "pids.current", "7");
        cgroups.Write(pod.CgroupPath, "cpuacct", v1 ? "cpuacct.usage" : "cpu.stat", v1 ? "5000" : "usage_usec 5");
        cgroups.Write(pod.CgroupPath, "memory", v1 ? "memory.usage_in_bytes" : "memory.current", "4096");
        Cri.LinuxPodSandboxStats stats = new CgroupStatsSource(_daemon.State, cgroups.Hierarchy, _daemon.Layers).OfPod(pod, []).Linux;
        Assert.Equal(7UL, stats.Process.ProcessCount.Value);
        Assert.Equal(5000UL, stats.Cpu.UsageCoreNanoSeconds.Value);
        Assert.Equal(4096UL, stats.Memory.UsageBytes.Value);
    }
}
