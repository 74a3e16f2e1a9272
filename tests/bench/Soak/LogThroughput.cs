using System.Diagnostics;
using CriRuntime.Conmon.Tests.Published;

namespace CriRuntime.Soak;

/// <summary>How fast one container's stdout reaches its log, every line checked, beside what cat makes of the same output.</summary>
internal static class LogThroughput
{
    private const int BlockSize = 256 * 1024;
    private const int PrefixLength = 40;

    internal static async Task<int> RunAsync(int megabytes, int lineLength, int rounds)
    {
        List<double> ours = [];
        List<double> cats = [];
        bool complete = true;
        for (int i = 0; i < rounds; i++)
        {
            await using Pod pod = await Pod.LaunchAsync();
            Output output = new(pod, megabytes, lineLength);
            ours.Add(await MonitorAsync(pod, output));
            long logged = CountLines(pod.LogPath("c"), lineLength);
            complete &= logged == output.Lines;
            Console.WriteLine($"  lines written {output.Lines}, logged {logged}; {Smaps.Describe(pod.Monitor.Pid)}");
            File.Delete(pod.LogPath("c"));
            cats.Add(await CatAsync(pod, output));
        }

        double written = (double)(lineLength + PrefixLength) / lineLength;
        Console.WriteLine($"median of {rounds}: {Median(ours):F0} MB/s of output, {Median(ours) * written:F0} MB/s of log; cat: {Median(cats):F0} MB/s; ratio {Median(ours) / Median(cats):F2}; {(complete ? "no line lost" : "LINES LOST")}");
        return complete ? 0 : 1;
    }

    private static async Task<double> MonitorAsync(Pod pod, Output output)
    {
        await pod.CreateAsync("c", "sh", "-c", output.Script);
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
        double mega = output.Bytes / 1e6;
        Console.WriteLine($"{mega:F0} MB: {seconds:F2} s, {mega / seconds:F0} MB/s; monitor {cpu:F2} s of CPU ({user:F2} user), {mega / cpu:F0} MB per CPU second");
        return mega / seconds;
    }

    /// <summary>The same program's output through a pipe and cat into a file of the same directory.</summary>
    private static async Task<double> CatAsync(Pod pod, Output output)
    {
        Stopwatch watch = Stopwatch.StartNew();
        using Process shell = Process.Start("/bin/sh", ["-c", "chroot \"$0\" /bin/sh -c \"$1\" | cat > \"$2\"", pod.RootfsFile("."), output.Script, pod.LogPath("cat")]);
        await shell.WaitForExitAsync();
        double seconds = watch.Elapsed.TotalSeconds;
        double mega = output.Bytes / 1e6;
        bool whole = new FileInfo(pod.LogPath("cat")).Length == output.Bytes;
        File.Delete(pod.LogPath("cat"));
        Console.WriteLine($"  cat: {seconds:F2} s, {mega / seconds:F0} MB/s{(whole ? "" : ", INCOMPLETE")}");
        return mega / seconds;
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
        return file.Length == lines * (lineLength + PrefixLength) ? lines : -1;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>A container's output: cat of a file of whole lines, again and again, which costs the container next to nothing.</summary>
    private sealed class Output
    {
        internal Output(Pod pod, int megabytes, int lineLength)
        {
            string line = new string('x', lineLength - 1) + "\n";
            int linesPerBlock = BlockSize / lineLength;
            File.WriteAllText(pod.RootfsFile("lines"), string.Concat(Enumerable.Repeat(line, linesPerBlock)));
            int times = (int)(((long)megabytes * 1024 * 1024 / BlockSize) + 7) / 8;
            Script = $"i=0; while [ $i -lt {times} ]; do cat /lines /lines /lines /lines /lines /lines /lines /lines; i=$((i+1)); done";
            Lines = (long)times * 8 * linesPerBlock;
            Bytes = Lines * lineLength;
        }

        internal string Script { get; }

        internal long Lines { get; }

        internal long Bytes { get; }
    }
}
