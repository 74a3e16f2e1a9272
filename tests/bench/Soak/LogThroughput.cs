using System.Diagnostics;
using CriRuntime.Conmon.Tests.Published;

namespace CriRuntime.Soak;

/// <summary>How fast one container's stdout reaches its log.</summary>
internal static class LogThroughput
{
    private const int BlockSize = 256 * 1024;

    internal static async Task<int> RunAsync(int megabytes, int lineLength)
    {
        await using Pod pod = await Pod.LaunchAsync();
        long bytes = (long)megabytes * 1024 * 1024;
        int blocks = (int)(bytes / BlockSize);
        // dd repeats a file of whole lines, which costs the container next to nothing.
        string line = new string('x', lineLength - 1) + "\n";
        int linesPerBlock = BlockSize / lineLength;
        await File.WriteAllTextAsync(pod.RootfsFile("lines"), string.Concat(Enumerable.Repeat(line, linesPerBlock)));
        await pod.CreateAsync("c", "sh", "-c", $"i=0; while [ $i -lt {blocks} ]; do cat /lines /lines /lines /lines /lines /lines /lines /lines; i=$((i+8)); done");
        (double User, double System) before = Cpu(pod.Monitor.Pid);
        Stopwatch watch = Stopwatch.StartNew();
        await pod.Monitor.StartContainerAsync("c", Pod.Limit);
        CancellationToken limit = new CancellationTokenSource(TimeSpan.FromMinutes(10)).Token;
        TaskCompletionSource ended = new();
        pod.Monitor.ContainerExited += _ => ended.TrySetResult();
        await ended.Task.WaitAsync(limit);
        double seconds = watch.Elapsed.TotalSeconds;
        (double User, double System) after = Cpu(pod.Monitor.Pid);
        double user = after.User - before.User;
        double cpu = user + after.System - before.System;
        long expected = (long)((blocks + 7) / 8 * 8) * linesPerBlock;
        long logged = CountLines(pod.LogPath("c"), lineLength);
        double mega = expected * lineLength / 1e6;
        Console.WriteLine($"{mega:F0} MB in lines of {lineLength}: {seconds:F2} s, {mega / seconds:F0} MB/s; monitor {cpu:F2} s of CPU ({user:F2} user), {mega / cpu:F0} MB per CPU second");
        Console.WriteLine($"lines written {expected}, logged {logged}: {(expected == logged ? "none lost" : "LOST")}");
        Console.WriteLine(Smaps.Describe(pod.Monitor.Pid));
        return expected == logged ? 0 : 1;
    }

    private static (double User, double System) Cpu(int pid)
    {
        using Process process = Process.GetProcessById(pid);
        return (process.UserProcessorTime.TotalSeconds, process.PrivilegedProcessorTime.TotalSeconds);
    }

    private static long CountLines(string path, int lineLength)
    {
        byte[] buffer = new byte[1024 * 1024];
        long lines = 0;
        using FileStream file = File.OpenRead(path);
        while (file.Read(buffer) is int read and > 0)
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        // Every entry is full: a partial one would make the file longer.
        long expected = lines * (lineLength + 40);
        return file.Length == expected ? lines : -1;
    }
}
