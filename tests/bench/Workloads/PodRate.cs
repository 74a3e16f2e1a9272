using System.Diagnostics;
using CriRuntime.Bench.Measuring;

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

    internal static async Task<string> StartAsync(Target target, bool hostNetwork) =>
        (await TestPod.StartAsync(target, hostNetwork, ["sleep", "100000"])).PodId;
}
