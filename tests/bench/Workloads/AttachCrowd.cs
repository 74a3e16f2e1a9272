using System.Diagnostics;
using System.Text;
using CriRuntime.Bench.Measuring;
using CriRuntime.Bench.Streams;
using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>
/// Many attach clients at one container that writes as fast as it can for two seconds: each must get every byte, or be dropped and
/// told why; and how fast the container is with them and without.
/// </summary>
internal sealed class AttachCrowd(Target target)
{
    private const int Lines = 10_000;
    private const int LineLength = 100;

    // Waits for the word, then writes whole blocks until two seconds are over by the clock, without starting a process to read it.
    private const string Script = """
        while [ ! -e /go/now ]; do sleep 0.05; done
        read now rest < /proc/uptime
        end=$((${now%.*} + 2))
        while [ ${now%.*} -lt $end ]; do cat /go/block /go/block /go/block /go/block; read now rest < /proc/uptime; done
        """;

    private static readonly byte[] s_block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, Lines).Select(i => $"{i:D9}{new string('x', LineLength - 10)}\n")));

    internal async Task RunAsync(Result result, int clients)
    {
        result.Add("container's output, no attach client", "MB/s", (await OnceAsync(0)).Rate);
        Outcome crowd = await OnceAsync(clients);
        result.Add($"container's output, {clients} attach clients", "MB/s", crowd.Rate);
        result.Add($"{clients} attach clients: got every byte", "clients", crowd.Endings.Count(ending => ending == Ending.Whole));
        result.Add($"{clients} attach clients: dropped and told why", "clients", crowd.Endings.Count(ending => ending == Ending.Told));
        result.Add($"{clients} attach clients: lost bytes without a word", "clients", crowd.Endings.Count(ending => ending == Ending.Lost));
        result.Add($"{clients} attach clients: what all of them got", "MB/s", crowd.Received / 1e6 / crowd.Seconds);
    }

    private async Task<Outcome> OnceAsync(int clients)
    {
        PodSandboxConfig config = target.NewPod(hostNetwork: true);
        string go = Directory.CreateDirectory(Path.Combine(config.LogDirectory, "go")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(go, "block"), s_block);
        TestPod pod = await TestPod.StartAsync(target, config, ["sh", "-c", Script], container =>
        {
            container.Mounts.Add(new Mount { HostPath = go, ContainerPath = "/go", Readonly = true });
            container.Linux.Resources.MemoryLimitInBytes = 0;
        });

        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(3));
        List<ChannelClient> connected = [];
        for (int i = 0; i < clients; i++)
        {
            AttachRequest attach = new() { ContainerId = pod.ContainerId, Stdout = true, Stderr = true };
            connected.Add(await ChannelClient.ConnectAsync((await target.Runtime.AttachAsync(attach)).Url, limit.Token, 64 << 10));
        }

        // A server may answer the upgrade before it has joined the container's output.
        await Task.Delay(500);
        Task<AttachReader>[] readers = [.. connected.Select(client => AttachReader.RunAsync(client, s_block, limit.Token))];
        await File.WriteAllTextAsync(Path.Combine(go, "now"), "");
        long started = Stopwatch.GetTimestamp();
        string log = await ExitedAsync(pod.ContainerId, limit.Token);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        AttachReader[] read = await Task.WhenAll(readers);
        connected.ForEach(client => client.Dispose());

        long written = File.ReadLines(log).LongCount() * LineLength;
        await target.RemoveAllAsync();
        return new Outcome(written / 1e6 / seconds, seconds, read.Sum(reader => reader.Received), [.. read.Select(reader => reader.EndingAfter(written))]);
    }

    /// <summary>Waits for the container's end.</summary>
    /// <returns>Its log's path.</returns>
    private async Task<string> ExitedAsync(string container, CancellationToken limit)
    {
        while (true)
        {
            ContainerStatus status = (await target.Runtime.ContainerStatusAsync(new ContainerStatusRequest { ContainerId = container }, cancellationToken: limit)).Status;
            if (status.State == ContainerState.ContainerExited)
                return status.LogPath;
            await Task.Delay(20, limit);
        }
    }

    /// <param name="Rate">MB/s that the container wrote.</param>
    /// <param name="Received">Bytes, by all clients together.</param>
    private sealed record Outcome(double Rate, double Seconds, long Received, Ending[] Endings);
}
