using System.Diagnostics;
using CriRuntime.Bench.Measuring;

namespace CriRuntime.Bench.Workloads;

/// <summary>How long after its kill a process is known to have ended by the parent that waits for it: on a busy machine most of an event's way.</summary>
internal static class ExitNotice
{
    internal static async Task RunAsync(Result result, int count)
    {
        Samples samples = new();
        for (int i = 0; i < count; i++)
        {
            using Process child = Process.Start("sleep", "100000");
            // As long as a container has had between its start and its end.
            await Task.Delay(5);
            long killed = Stopwatch.GetTimestamp();
            child.Kill();
            await child.WaitForExitAsync();
            samples.Add(Stopwatch.GetElapsedTime(killed).TotalMilliseconds);
        }

        result.Add(EventLatency.Stopped, samples.Distribution());
    }
}
