using System.Diagnostics;
using CriRuntime.Bench.Measuring;

namespace CriRuntime.Bench.Workloads;

/// <summary>Pods brought to running, so many at a time; how many a second. The pods are removed afterwards, untimed.</summary>
internal sealed class PodRate(Target target)
{
    internal async Task RunAsync(Result result, int count, int parallel, bool hostNetwork)
    {
        long started = Stopwatch.GetTimestamp();
        await StartManyAsync(target, count, parallel, hostNetwork);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        result.Add($"pods started, {parallel} at once, {(hostNetwork ? "host" : "pod")} network", "pods/s", count / seconds);
        await target.RemoveAllAsync();
    }

    /// <param name="containers">In each pod, one after another.</param>
    internal static async Task<TestPod[]> StartManyAsync(Target target, int count, int parallel, bool hostNetwork, int containers = 1)
    {
        TestPod[] pods = new TestPod[count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = parallel },
            async (i, _) =>
            {
                pods[i] = await TestPod.StartAsync(target, hostNetwork, TestPod.Sleep);
                for (int more = 1; more < containers; more++)
                    await pods[i].AddAsync(target, $"more-{more}");
            });
        return pods;
    }
}
