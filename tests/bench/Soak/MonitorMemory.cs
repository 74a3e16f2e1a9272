using System.Diagnostics;
using CriRuntime.Conmon.Tests.Published;

namespace CriRuntime.Soak;

/// <summary>What a monitor costs per pod, in time and memory.</summary>
internal static class MonitorMemory
{
    internal static async Task<int> RunAsync(int count)
    {
        List<Pod> pods = [];
        List<double> launch = [];
        List<double> sandbox = [];
        List<double> container = [];
        for (int i = 0; i < count; i++)
        {
            Stopwatch watch = Stopwatch.StartNew();
            Pod pod = await Pod.LaunchAsync();
            pods.Add(pod);
            launch.Add(watch.Elapsed.TotalMilliseconds);
            watch.Restart();
            await pod.CreateSandboxAsync();
            sandbox.Add(watch.Elapsed.TotalMilliseconds);
            watch.Restart();
            await pod.RunAsync("c", "sh", "-c", "echo hello; sleep 100000");
            container.Add(watch.Elapsed.TotalMilliseconds);
        }

        await Task.Delay(TimeSpan.FromSeconds(3));
        Console.WriteLine($"median of {count}: launch {Median(launch):F2} ms, sandbox {Median(sandbox):F2} ms, container {Median(container):F2} ms");
        Console.WriteLine($"PSS per monitor: mean {pods.Average(pod => Smaps.Kilobytes(pod.Monitor.Pid, "Pss")):F0} kB, "
            + $"private dirty {pods.Average(pod => Smaps.Kilobytes(pod.Monitor.Pid, "Private_Dirty")):F0} kB, "
            + $"RSS {pods.Average(pod => Smaps.Kilobytes(pod.Monitor.Pid, "Rss")):F0} kB");
        if (Environment.GetEnvironmentVariable("SOAK_KEEP") is not null)
        {
            Console.WriteLine($"monitor {pods[0].Monitor.Pid}; Enter ends");
            Console.ReadLine();
        }

        foreach (Pod pod in pods)
            await pod.DisposeAsync();
        return 0;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
