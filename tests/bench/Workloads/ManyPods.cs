using CriRuntime.Bench.Measuring;
using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>Many running pods of one container: lists, stats, memory of daemon and monitors, and what idling costs.</summary>
internal sealed class ManyPods(Target target, RuntimeProcesses processes)
{
    internal async Task RunAsync(Result result, int pods)
    {
        int daemon = processes.Daemon;
        result.Add("daemon RSS, idle", "MB", ProcessMemory.Rss(daemon));
        string lastPod = (await PodRate.StartManyAsync(target, pods, 1, hostNetwork: true))[^1].PodId;

        result.Add($"ListContainers, {pods} containers", await Samples.OfAsync(() => target.Runtime.ListContainersAsync(new ListContainersRequest()).ResponseAsync));
        result.Add($"PodSandboxStatus, {pods} pods", await Samples.OfAsync(() => target.Runtime.PodSandboxStatusAsync(new PodSandboxStatusRequest { PodSandboxId = lastPod }).ResponseAsync));
        result.Add($"ListContainerStats, {pods} containers", await Samples.OfAsync(() => target.Runtime.ListContainerStatsAsync(new ListContainerStatsRequest()).ResponseAsync));

        // Idle: two samples of processor time, ten seconds apart, after things have settled.
        await Task.Delay(3000);
        int[] monitors = processes.Monitors();
        double before = ProcessMemory.CpuSeconds(daemon) + monitors.Sum(ProcessMemory.CpuSeconds);
        await Task.Delay(10_000);
        double after = ProcessMemory.CpuSeconds(daemon) + monitors.Sum(ProcessMemory.CpuSeconds);
        result.Add($"idle CPU of daemon and monitors, {pods} pods", "% of a core", (after - before) * 10);
        result.Add($"daemon RSS, {pods} pods", "MB", ProcessMemory.Rss(daemon));
        result.Add($"daemon RssAnon, {pods} pods", "MB", ProcessMemory.RssAnon(daemon));
        result.Add($"daemon PSS, {pods} pods", "MB", ProcessMemory.Pss(daemon));
        result.Add("monitor PSS per pod", "MB", monitors.Sum(ProcessMemory.Pss) / pods);
        await target.RemoveAllAsync();
    }
}
