using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CriRuntime.Bench.Measuring;
using CriRuntime.Bench.Streams;
using CriRuntime.Streaming.Client;
using CriRuntime.Streaming.Spdy;
using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>
/// A gigabyte through a forwarded port, out of the pod and into it, over WebSocket and over SPDY, beside what socat relays between the same two programs on
/// the host: the same sender and receiver, the same size of reads.
/// </summary>
internal sealed class ForwardThroughput(Target target)
{
    private const long Total = 1L << 30;
    private const int SendPort = 7008;
    private const int ReceivePort = 7009;
    private const int BufferSize = 256 << 10;

    /// <summary>What a client sends at once.</summary>
    private const int Piece = 64 << 10;

    private static readonly string s_servers = string.Create(
        CultureInfo.InvariantCulture,
        $"""
        /usr/bin/socat TCP-LISTEN:{SendPort},fork,reuseaddr 'SYSTEM:/usr/bin/dd if=/dev/zero bs=256k count={Total / BufferSize} status=none,nofork' &
        exec /usr/bin/socat TCP-LISTEN:{ReceivePort},fork,reuseaddr 'SYSTEM:/usr/bin/dd of=/dev/null bs=256k count={Total} iflag=fullblock\,count_bytes status=none; echo k,nofork'
        """);

    internal async Task RunAsync(Result result, int rounds)
    {
        TestPod pod = await TestPod.StartAsync(target, hostNetwork: false, ["sh", "-c", s_servers], container =>
        {
            TestPod.MountHostPrograms(container);
            container.Linux.Resources.MemoryLimitInBytes = 0;
        });
        await PortServer.WaitAsync(target, pod.PodId, ReceivePort);
        await MedianAsync(result, "port-forward, out of the pod", rounds, () => FromPodAsync(pod.PodId));
        await MedianAsync(result, "port-forward, into the pod", rounds, () => IntoPodAsync(pod.PodId));
        await MedianAsync(result, "port-forward by SPDY, out of the pod", rounds, () => FromPodBySpdyAsync(pod.PodId));
        await MedianAsync(result, "port-forward by SPDY, into the pod", rounds, () => IntoPodBySpdyAsync(pod.PodId));
        await target.RemoveAllAsync();
    }

    /// <summary>The same through <c>socat TCP-LISTEN TCP</c>, on this machine's own loopback.</summary>
    internal static async Task RunSocatAsync(Result result, int rounds)
    {
        const int SendRelay = 7018;
        const int ReceiveRelay = 7019;
        string script = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            socat TCP-LISTEN:{SendRelay},fork,reuseaddr TCP:127.0.0.1:{SendPort} &
            socat TCP-LISTEN:{ReceiveRelay},fork,reuseaddr TCP:127.0.0.1:{ReceivePort} &
            {s_servers}
            """);
        using Process servers = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script]))!;
        try
        {
            await Task.Delay(1000);
            await MedianAsync(result, "port-forward, out of the pod", rounds, () => FromSocketAsync(SendRelay));
            await MedianAsync(result, "port-forward, into the pod", rounds, () => IntoSocketAsync(ReceiveRelay));
        }
        finally
        {
            servers.Kill(entireProcessTree: true);
            await servers.WaitForExitAsync();
        }
    }

    private static async Task MedianAsync(Result result, string name, int rounds, Func<Task<double>> once)
    {
        List<double> rates = [];
        for (int round = 0; round < rounds; round++)
            rates.Add(await once());
        result.Add(name, "MB/s", Samples.Quantile([.. rates.Order()], 0.5));
    }

    private async Task<double> FromPodAsync(string pod)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        using ChannelClient client = await ConnectAsync(pod, SendPort, limit.Token);
        long started = Stopwatch.GetTimestamp();
        long received = -sizeof(ushort);
        while (received < Total && await client.ReceiveAsync(limit.Token) is { } piece)
            received += piece.Channel == ChannelClient.PortData ? piece.Bytes.Length : 0;
        return Rate(started, received);
    }

    private async Task<double> IntoPodAsync(string pod)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        using ChannelClient client = await ConnectAsync(pod, ReceivePort, limit.Token);
        byte[] message = new byte[Piece + 1];
        message[0] = ChannelClient.PortData;
        long started = Stopwatch.GetTimestamp();
        for (long sent = 0; sent < Total; sent += Piece)
            await client.SendAsync(message, limit.Token);
        // The receiver's answer: all of it is there. Before it, each channel's port.
        long answered = -sizeof(ushort);
        while (answered <= 0 && await client.ReceiveAsync(limit.Token) is { } piece)
            answered += piece.Channel == ChannelClient.PortData ? piece.Bytes.Length : 0;
        return Rate(started, answered > 0 ? Total : 0);
    }

    private async Task<double> FromPodBySpdyAsync(string pod)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        await using SpdyClient client = await ConnectBySpdyAsync(pod, SendPort, limit.Token);
        byte[] buffer = new byte[BufferSize];
        long started = Stopwatch.GetTimestamp();
        (SpdyStream data, _) = await client.ForwardAsync(SendPort, 1, limit.Token);
        long received = 0;
        while (received < Total && await data.ReadAsync(buffer, limit.Token) is > 0 and int count)
            received += count;
        return Rate(started, received);
    }

    private async Task<double> IntoPodBySpdyAsync(string pod)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        await using SpdyClient client = await ConnectBySpdyAsync(pod, ReceivePort, limit.Token);
        byte[] piece = new byte[Piece];
        long started = Stopwatch.GetTimestamp();
        (SpdyStream data, _) = await client.ForwardAsync(ReceivePort, 1, limit.Token);
        for (long sent = 0; sent < Total; sent += Piece)
            await data.WriteAsync(piece, limit.Token);
        return Rate(started, await data.ReadAsync(piece, limit.Token) > 0 ? Total : 0);
    }

    private async Task<ChannelClient> ConnectAsync(string pod, int port, CancellationToken limit) =>
        await ChannelClient.ConnectAsync(await UrlAsync(pod, port, limit), limit, BufferSize);

    /// <summary>As kubectl's before 1.31, and the kubelet's.</summary>
    private async Task<SpdyClient> ConnectBySpdyAsync(string pod, int port, CancellationToken limit)
    {
        Uri url = new(await UrlAsync(pod, port, limit));
        return await SpdyClient.ConnectAsync(new IPEndPoint(IPAddress.Parse(url.Host), url.Port), url.PathAndQuery, limit, "portforward.k8s.io");
    }

    private async Task<string> UrlAsync(string pod, int port, CancellationToken limit) =>
        (await target.Runtime.PortForwardAsync(new PortForwardRequest { PodSandboxId = pod, Port = { port } }, cancellationToken: limit)).Url;

    private static async Task<double> FromSocketAsync(int port)
    {
        using TcpClient client = new("127.0.0.1", port);
        byte[] buffer = new byte[BufferSize];
        long started = Stopwatch.GetTimestamp();
        long received = 0;
        while (await client.Client.ReceiveAsync(buffer) is int count and > 0)
            received += count;
        return Rate(started, received);
    }

    private static async Task<double> IntoSocketAsync(int port)
    {
        using TcpClient client = new("127.0.0.1", port);
        byte[] piece = new byte[Piece];
        long started = Stopwatch.GetTimestamp();
        NetworkStream stream = client.GetStream();
        for (long sent = 0; sent < Total; sent += Piece)
            await stream.WriteAsync(piece);
        return Rate(started, await stream.ReadAsync(piece) > 0 ? Total : 0);
    }

    private static double Rate(long started, long moved) => moved == Total
        ? moved / 1e6 / Stopwatch.GetElapsedTime(started).TotalSeconds
        : throw new InvalidDataException($"{moved} of {Total} bytes came through");
}
