using System.Diagnostics;
using CriRuntime.Bench.Measuring;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>
/// ExecSync of true: one after another, eight at once, and a burst of 200 that must leave nothing behind. Each in a pod of its own,
/// since some monitors do not recover from calls at once. A call may take 10 s; one that takes longer is counted as failed, and when
/// as many have failed as run at once, no more are begun.
/// </summary>
internal sealed class ExecBurst(Target target, RuntimeProcesses processes)
{
    private const int Burst = 200;
    private const int CallSeconds = 10;

    internal async Task RunAsync(Result result, int count)
    {
        await MeasureAsync(result, "ExecSync of true, one at a time", count, 1);
        await MeasureAsync(result, "ExecSync of true, 8 at once", count, 8);

        string container = await StartAsync();
        // The first burst makes buffers, threads and connections that stay; the second finds them.
        await TimeAsync(container, Burst, Burst);
        Footprint before = await processes.SettledAsync();
        long started = Stopwatch.GetTimestamp();
        (Samples calls, int failed) = await TimeAsync(container, Burst, Burst);
        result.Add($"{Burst} ExecSyncs at once, all of them", "ms", Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        result.Add($"{Burst} ExecSyncs at once, each", calls.Distribution());
        result.Add($"{Burst} ExecSyncs at once: failed", "calls", failed);
        (await processes.SettledAsync()).AddGrowth(result, $"{Burst} ExecSyncs at once", before);
        await target.RemoveAllAsync();
    }

    private async Task MeasureAsync(Result result, string name, int count, int parallel)
    {
        (Samples calls, int failed) = await TimeAsync(await StartAsync(), count, parallel);
        result.Add(name, calls.Distribution());
        if (failed > 0)
            result.Add($"{name}: failed", "calls", failed);
        await target.RemoveAllAsync();
    }

    private async Task<string> StartAsync()
    {
        string container = (await TestPod.StartAsync(target, hostNetwork: true, ["sleep", "100000"])).ContainerId;
        await TimeAsync(container, 5, 1);
        return container;
    }

    private async Task<(Samples Calls, int Failed)> TimeAsync(string container, int count, int parallel)
    {
        ExecSyncRequest exec = new() { ContainerId = container, Cmd = { "true" }, Timeout = CallSeconds };
        Samples samples = new();
        int failed = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = parallel },
            async (_, _) =>
            {
                if (Volatile.Read(ref failed) < parallel && !await samples.TimeAsync(() => SucceedsAsync(exec)))
                    Interlocked.Increment(ref failed);
            });
        return (samples, failed);
    }

    private async Task<bool> SucceedsAsync(ExecSyncRequest exec)
    {
        try
        {
            return (await target.Runtime.ExecSyncAsync(exec, deadline: DateTime.UtcNow.AddSeconds(CallSeconds + 2))).ExitCode == 0;
        }
        catch (RpcException)
        {
            return false;
        }
    }
}
