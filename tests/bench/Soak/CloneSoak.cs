using System.Diagnostics;
using CriRuntime.Conmon.Tests.Published;

namespace CriRuntime.Soak;

/// <summary>Many clones in one monitor while it copies logs: none may hang, each must give its own output.</summary>
internal static class CloneSoak
{
    private const int ReportEvery = 5000;

    internal static async Task<int> RunAsync(int count, int parallel)
    {
        await using Pod pod = await Pod.LaunchAsync();
        await pod.RunAsync("noise", "sh", "-c", "while :; do seq 1 20000; sleep 0.01; done");
        int pid = await pod.RunAsync("target", "sleep", "1000000");
        Stopwatch watch = Stopwatch.StartNew();
        int next = 0;
        await Task.WhenAll(Enumerable.Range(0, parallel).Select(_ => CloneAsync()));
        Console.WriteLine($"{count} clones, {parallel} at once: {watch.Elapsed.TotalSeconds:F1} s, {watch.Elapsed.TotalMilliseconds / count:F3} ms each; none hung");
        Console.WriteLine(Smaps.Describe(pod.Monitor.Pid));
        await pod.Monitor.KillAllAsync("noise", Pod.Limit);
        await Task.Delay(TimeSpan.FromSeconds(3));
        Console.WriteLine("idle again, " + Smaps.Describe(pod.Monitor.Pid));
        return 0;

        async Task CloneAsync()
        {
            int mine;
            while ((mine = Interlocked.Increment(ref next)) <= count)
            {
                (int code, string output) = await pod.ExecAsync("target", pid, "echo", $"{mine}");
                if (code != 0 || output != $"{mine}\n")
                    throw new InvalidOperationException($"clone {mine} gave code {code} and \"{output}\"");
                if (mine % ReportEvery == 0)
                {
                    Console.WriteLine($"{mine} after {watch.Elapsed.TotalSeconds:F1} s");
                    // The noise would fill the disk.
                    File.Delete(pod.LogPath("noise"));
                    await pod.Monitor.ReopenLogAsync("noise", Pod.Limit);
                }
            }
        }
    }
}
