using System.Diagnostics;
using System.Globalization;
using System.Text;
using CriRuntime.Bench.Measuring;
using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>One container writes numbered lines as fast as it can; MB/s until the last is in its log, and each line checked.</summary>
internal sealed class LogThroughput(Target target)
{
    /// <summary>The measure's name.</summary>
    internal const string Name = "log of one container, 100-byte lines";

    private const int Megabytes = 400;

    internal async Task RunAsync(Result result, int rounds)
    {
        List<double> rates = [];
        for (int round = 0; round < rounds; round++)
            rates.Add(await OnceAsync());
        result.Add(Name, "MB/s", Samples.Quantile([.. rates.Order()], 0.5));
    }

    /// <summary>What <c>cat</c> through a pipe into a file does on this machine: the bound on any copying.</summary>
    internal static double CatThroughPipe()
    {
        string directory = Directory.CreateTempSubdirectory("cri-bench-cat").FullName;
        try
        {
            long started = Stopwatch.GetTimestamp();
            using Process shell = Process.Start("sh", ["-c", $"head -c {Megabytes}000000 /dev/zero | tr '\\0' 'x' | cat > {directory}/out"]);
            shell.WaitForExit();
            return Megabytes / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task<double> OnceAsync()
    {
        PodSandboxConfig config = target.NewPod(hostNetwork: true);
        string source = Path.Combine(config.LogDirectory, "lines");
        (long lines, long bytes) = WriteLines(source);
        string pod = (await target.Runtime.RunPodSandboxAsync(new RunPodSandboxRequest { Config = config })).PodSandboxId;

        // The lines lie in the page cache, so that the writer is not what is measured.
        ContainerConfig writer = target.NewContainer("cat", "/lines");
        writer.Mounts.Add(new Mount { HostPath = source, ContainerPath = "/lines", Readonly = true });
        writer.Linux.Resources.MemoryLimitInBytes = 0;
        string container = (await target.Runtime.CreateContainerAsync(new CreateContainerRequest { PodSandboxId = pod, Config = writer, SandboxConfig = config })).ContainerId;
        long started = Stopwatch.GetTimestamp();
        await target.Runtime.StartContainerAsync(new StartContainerRequest { ContainerId = container });
        ContainerStatus status;
        do
        {
            await Task.Delay(5);
            status = (await target.Runtime.ContainerStatusAsync(new ContainerStatusRequest { ContainerId = container })).Status;
        }
        while (status.State != ContainerState.ContainerExited);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;

        Check(status.LogPath, lines);
        await target.RemoveAllAsync();
        return bytes / 1e6 / seconds;
    }

    private static (long Lines, long Bytes) WriteLines(string file)
    {
        string padding = new('x', 90);
        long lines = 0;
        using StreamWriter writer = new(file, append: false, Encoding.ASCII, 1 << 20);
        for (long written = 0; written < Megabytes * 1_000_000L; lines++)
        {
            string line = lines.ToString("D9", CultureInfo.InvariantCulture) + padding;
            writer.Write(line);
            writer.Write('\n');
            written += line.Length + 1;
        }

        writer.Flush();
        return (lines, new FileInfo(file).Length);
    }

    private static void Check(string log, long lines)
    {
        long next = 0;
        foreach (string line in File.ReadLines(log))
        {
            ReadOnlySpan<char> message = line.AsSpan(line.IndexOf(" F ", StringComparison.Ordinal) + 3);
            if (!long.TryParse(message[..9], NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number != next++)
                throw new InvalidDataException($"log line {next - 1} is lost or out of order: {line}");
        }

        if (next != lines)
            throw new InvalidDataException($"the log holds {next} of {lines} lines");
    }
}
