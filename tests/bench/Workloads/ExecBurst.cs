using System.Diagnostics;
using CriRuntime.Bench.Measuring;
using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>ExecSync of true: one after another, eight at once, and a burst of 200 that must leave nothing behind.</summary>
internal sealed class ExecBurst(Target target, RuntimeProcesses processes)
{
    private const int Burst = 200;
    private string _container = "";

    internal async Task RunAsync(Result result, int serial)
    {
        _container = (await TestPod.StartAsync(target, hostNetwork: true, ["sleep", "100000"])).ContainerId;
        await TimeAsync(Burst, 8);
        result.Add("ExecSync of true, one at a time", (await TimeAsync(serial, 1)).Distribution());
        result.Add("ExecSync of true, 8 at once", (await TimeAsync(serial, 8)).Distribution());

        Footprint before = await processes.SettledAsync();
        long started = Stopwatch.GetTimestamp();
        Samples calls = await TimeAsync(Burst, Burst);
        result.Add($"{Burst} ExecSyncs at once, all of them", "ms", Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        result.Add($"{Burst} ExecSyncs at once, each", calls.Distribution());
        (await processes.SettledAsync()).AddGrowth(result, $"{Burst} ExecSyncs at once", before);
        await target.RemoveAllAsync();
    }

    private async Task<Samples> TimeAsync(int count, int parallel)
    {
        ExecSyncRequest exec = new() { ContainerId = _container, Cmd = { "true" }, Timeout = 60 };
        Samples samples = new();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = parallel },
            async (_, _) =>
            {
                ExecSyncResponse response = await samples.TimeAsync(() => target.Runtime.ExecSyncAsync(exec).ResponseAsync);
                if (response.ExitCode != 0)
                    throw new InvalidOperationException($"true exited with {response.ExitCode}: {response.Stderr.ToStringUtf8()}");
            });
        return samples;
    }
}
