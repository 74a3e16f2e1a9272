using System.Diagnostics;
using CriRuntime.Bench.Measuring;
using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>Pods brought to running, so many at a time; how many a second. The pods are removed afterwards, untimed.</summary>
internal sealed class PodRate(Target target)
{
    internal async Task RunAsync(Result result, int count, int parallel, bool hostNetwork)
    {
        long started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = parallel },
            async (_, _) => await StartAsync(target, hostNetwork));
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        result.Add($"pods started, {parallel} at once, {(hostNetwork ? "host" : "pod")} network", "pods/s", count / seconds);
        await target.RemoveAllAsync();
    }

    internal static async Task<string> StartAsync(Target target, bool hostNetwork)
    {
        PodSandboxConfig config = target.NewPod(hostNetwork);
        string pod = (await target.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = config })).PodSandboxId;
        CreateContainerRequest create = new() { PodSandboxId = pod, Config = target.NewContainer("sleep", "100000"), SandboxConfig = config };
        string container = (await target.Runtime.CreateContainerAsync(create)).ContainerId;
        await target.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = container });
        return pod;
    }
}
