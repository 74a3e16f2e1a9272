using CriRuntime.E2e.Harness;
using Runtime.V1;

namespace CriRuntime.E2e.Restart;

/// <summary>A daemon whose unit or cgroup leaves it little memory.</summary>
public sealed class SmallMemoryTests
{
    // What the collector makes of a cgroup's limit (three quarters of it), said directly. At 34 MiB the reservation that speeds up a start once was fatal.
    [Theory]
    [InlineData(24)]
    [InlineData(34)]
    [InlineData(64)]
    public async Task It_starts_and_runs_a_pod(int heapMegabytes)
    {
        await using Daemon daemon = await Daemon.StartAsync("small-memory", d => d.Command = ["env", $"DOTNET_GCHeapHardLimit={heapMegabytes << 20:x}", .. d.Command]);
        await daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        PodSandboxConfig pod = daemon.Pod("small");
        string podId = await daemon.RunPodAsync(pod);
        Assert.Equal("lives\n", await daemon.ExecTextAsync(await daemon.StartNewAsync(podId, pod, Cri.Container("main")), "echo", "lives"));
    }
}
