using System.Diagnostics;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Conmon.Tests.Published;

namespace CriRuntime.Soak;

/// <summary>Attaches and resizes around failed starts, many times: the monitor's memory and descriptors must stay where they were after a tenth of them.</summary>
internal static class AttachSoak
{
    /// <summary>What the collector may have left lying about differently, in kB.</summary>
    private const long Tolerance = 200;

    internal static async Task<int> RunAsync(int count)
    {
        await using Pod pod = await Pod.LaunchAsync();
        Stopwatch watch = Stopwatch.StartNew();
        long memory = 0;
        int descriptors = 0;
        for (int i = 0; i < count; i++)
        {
            if (i == count / 10)
                (memory, descriptors) = await MeasureAsync(pod, i, watch);
            await FailAsync(pod, terminal: i % 2 == 0);
        }

        (long memoryAfter, int descriptorsAfter) = await MeasureAsync(pod, count, watch);
        bool flat = descriptorsAfter == descriptors && memoryAfter <= memory + Tolerance;
        Console.WriteLine(flat ? "flat" : "NOT FLAT");
        return flat ? 0 : 1;
    }

    private static async Task FailAsync(Pod pod, bool terminal)
    {
        await pod.CreateAsync("c", terminal, ["/no/such/program"], configure: request => request with { Stdin = true, StdinOnce = true });
        using Client client = await Client.AttachAsync(pod, "c", stdin: true);
        if (terminal)
            await pod.Monitor.ResizeAsync("c", 80, 24, Pod.Limit);
        try
        {
            await pod.Monitor.StartContainerAsync("c", Pod.Limit);
            throw new InvalidOperationException("a program that does not exist was started");
        }
        catch (MonitorException e) when (e.Kind == MonitorErrorKind.LaunchFailed)
        {
            await client.Attachment.Ended.WaitAsync(Pod.Limit);
        }

        await pod.Monitor.DeleteContainerAsync("c", Pod.Limit);
    }

    private static async Task<(long Memory, int Descriptors)> MeasureAsync(Pod pod, int done, Stopwatch watch)
    {
        // An idle monitor gives back what it does not need.
        await Task.Delay(TimeSpan.FromSeconds(2));
        int descriptors = Directory.GetFileSystemEntries($"/proc/{pod.Monitor.Pid}/fd").Length;
        Console.WriteLine($"{done} after {watch.Elapsed.TotalSeconds:F0} s: {descriptors} descriptors, {Smaps.Describe(pod.Monitor.Pid)}");
        return (Smaps.Kilobytes(pod.Monitor.Pid, "Private_Dirty"), descriptors);
    }
}
