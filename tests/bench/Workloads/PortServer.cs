using CriRuntime.Bench.Streams;
using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>Waits for a server inside a pod.</summary>
internal static class PortServer
{
    private const int Attempts = 100;

    /// <summary>Returns when a connection through the pod's forwarded port is accepted, and has closed it again; 10 s at most.</summary>
    internal static async Task WaitAsync(Target target, string podId, int port)
    {
        for (int attempt = 0; !await AcceptsAsync(target, podId, port); attempt++)
        {
            if (attempt == Attempts)
                throw new TimeoutException($"nobody listens on port {port} of pod {podId}");
            await Task.Delay(50);
        }
    }

    /// <summary>A refused connection is a message on the error channel, or the end; a served one is quiet.</summary>
    private static async Task<bool> AcceptsAsync(Target target, string podId, int port)
    {
        string url = (await target.Runtime.PortForwardAsync(new PortForwardRequest { PodSandboxId = podId, Port = { port } })).Url;
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(10));
        using ChannelClient client = await ChannelClient.ConnectAsync(url, limit.Token);
        using CancellationTokenSource quiet = new(TimeSpan.FromMilliseconds(50));
        try
        {
            for (int headers = 0; ; headers++)
            {
                ChannelPiece? piece = await client.ReceiveAsync(quiet.Token);
                if (piece is null || (headers >= 2 && piece.Value.Channel == ChannelClient.PortError))
                    return false;
                if (headers >= 2)
                    return true;
            }
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }
}
