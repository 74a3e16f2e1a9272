using System.Diagnostics;
using CriRuntime.Bench.Measuring;
using CriRuntime.Bench.Streams;
using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>
/// Sessions of one kind, one after another, a great many: how many a second, and whether memory and open files stay where they were.
/// The first tenth warms up; what is there then is what must be there at the end.
/// </summary>
internal sealed class StreamRounds(Target target, RuntimeProcesses processes)
{
    private const int EchoPort = 7007;
    private static readonly byte[] s_line = [ChannelClient.Stdin, .. "hello\n"u8];
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    internal async Task RunAsync(Result result, int count)
    {
        TestPod pod = await TestPod.StartAsync(target, hostNetwork: false, ["cat"], container => container.Stdin = true);
        await RepeatAsync(result, "exec", count, () => ExecAsync(pod.ContainerId));
        await RepeatAsync(result, "attach", count, () => AttachAsync(pod.ContainerId));
        await target.RemoveAllAsync();

        TestPod echo = await TestPod.StartAsync(target, hostNetwork: false, ["/usr/bin/socat", $"TCP-LISTEN:{EchoPort},fork,reuseaddr,backlog=64", "PIPE"], TestPod.MountHostPrograms);
        await PortServer.WaitAsync(target, echo.PodId, EchoPort);
        await RepeatAsync(result, "port-forward", count, () => ForwardAsync(echo.PodId));
        await target.RemoveAllAsync();
    }

    private async Task RepeatAsync(Result result, string kind, int count, Func<Task> session)
    {
        result.Add($"{kind} sessions", "sessions", count);
        Footprint warm = await PartAsync(count / 10);
        result.Add($"{kind}: daemon RSS at 10 %", "MB", warm.DaemonRss);
        result.Add($"{kind}: monitor PSS at 10 %", "MB", warm.MonitorPss);

        Stopwatch watch = new();
        Footprint half = await PartAsync((count / 2) - (count / 10), watch);
        result.Add($"{kind}: daemon RSS at 50 %", "MB", half.DaemonRss);
        result.Add($"{kind}: monitor PSS at 50 %", "MB", half.MonitorPss);

        Footprint end = await PartAsync(count - (count / 2), watch);
        result.Add($"{kind}: daemon RSS at 100 %", "MB", end.DaemonRss);
        result.Add($"{kind}: monitor PSS at 100 %", "MB", end.MonitorPss);
        end.AddGrowth(result, $"{kind}, from 10 % to 100 %", warm);
        result.Add($"{kind} sessions, one at a time", "sessions/s", (count - (count / 10)) / watch.Elapsed.TotalSeconds);

        async Task<Footprint> PartAsync(int rounds, Stopwatch? timed = null)
        {
            timed?.Start();
            for (int i = 0; i < rounds; i++)
                await session();
            timed?.Stop();
            return await processes.SettledAsync();
        }
    }

    private async Task ExecAsync(string container)
    {
        string url = (await target.Runtime.ExecAsync(new ExecRequest { ContainerId = container, Cmd = { "true" }, Stdout = true, Stderr = true })).Url;
        using CancellationTokenSource limit = new(s_limit);
        using ChannelClient client = await ChannelClient.ConnectAsync(url, limit.Token);
        StreamStatus status = new();
        while (await client.ReceiveAsync(limit.Token) is { } piece)
        {
            if (piece.Channel == ChannelClient.Error)
                status.Append(piece.Bytes);
        }

        if (!status.Success)
            throw new InvalidOperationException($"exec of true failed: '{status.Message}'");
        await client.CloseAsync(limit.Token);
    }

    private async Task AttachAsync(string container)
    {
        string url = (await target.Runtime.AttachAsync(new AttachRequest { ContainerId = container, Stdin = true, Stdout = true, Stderr = true })).Url;
        await EchoAsync(url, headers: 0);
    }

    private async Task ForwardAsync(string pod)
    {
        string url = (await target.Runtime.PortForwardAsync(new PortForwardRequest { PodSandboxId = pod, Port = { EchoPort } })).Url;
        // The first message of each of the two channels is the port, little-endian.
        await EchoAsync(url, headers: 4);
    }

    /// <summary>Sends a line, waits until it has come back, and leaves.</summary>
    private static async Task EchoAsync(string url, int headers)
    {
        using CancellationTokenSource limit = new(s_limit);
        using ChannelClient client = await ChannelClient.ConnectAsync(url, limit.Token);
        await client.SendAsync(s_line, limit.Token);
        for (int missing = s_line.Length - 1 + headers; missing > 0;)
        {
            ChannelPiece piece = await client.ReceiveAsync(limit.Token) ?? throw new InvalidOperationException($"the session ended {missing} bytes before its time");
            missing -= piece.Bytes.Length;
        }

        await client.CloseAsync(limit.Token);
    }
}
