using CriRuntime.Bench.Measuring;
using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>What a kubelet asks again and again, on a full node: pods of two containers each, as of a program with a sidecar.</summary>
internal sealed class ManyContainers(Target target)
{
    private const int PerPod = 2;

    internal async Task RunAsync(Result result, int pods)
    {
        TestPod[] running = await PodRate.StartManyAsync(target, pods, 8, hostNetwork: true, PerPod);
        RuntimeService.RuntimeServiceClient runtime = target.Runtime;
        ContainerStatusRequest status = new() { ContainerId = running[^1].ContainerId };
        int containers = pods * PerPod;
        result.Add($"ListPodSandbox, {pods} pods", await Samples.OfAsync(() => runtime.ListPodSandboxAsync(new ListPodSandboxRequest()).ResponseAsync));
        result.Add($"ListContainers, {containers} containers", await Samples.OfAsync(() => runtime.ListContainersAsync(new ListContainersRequest()).ResponseAsync));
        result.Add($"ContainerStatus, {containers} containers", await Samples.OfAsync(() => runtime.ContainerStatusAsync(status).ResponseAsync));
        result.Add($"ListContainerStats, {containers} containers", await Samples.OfAsync(() => runtime.ListContainerStatsAsync(new ListContainerStatsRequest()).ResponseAsync));
        result.Add($"ListPodSandboxStats, {containers} containers", await Samples.OfAsync(() => runtime.ListPodSandboxStatsAsync(new ListPodSandboxStatsRequest()).ResponseAsync));
        await target.RemoveAllAsync();
    }
}
