using System.Net.WebSockets;
using CriRuntime.Bench.Images;
using CriRuntime.Bench.Measuring;
using CriRuntime.Bench.Workloads;
using Grpc.Core;

namespace CriRuntime.Bench;

/// <summary>The measures of one runtime, in parts that can be chosen.</summary>
/// <param name="rounds">Pods per latency measure.</param>
/// <param name="sessions">Sessions of each kind of stream.</param>
internal sealed class Suite(Target target, RuntimeProcesses processes, string registry, int rounds, int sessions)
{
    private const int ManyPodsCount = 50;
    private const int AttachClients = 100;
    private const int Repeats = 3;

    /// <summary>In the order in which they run.</summary>
    internal static readonly string[] Parts = ["latency", "rate", "many", "logs", "pull", "exec", "sessions", "forward", "attach"];

    /// <summary>Those of <see cref="Parts"/> that are about streams.</summary>
    internal static readonly string[] Streams = ["exec", "sessions", "forward", "attach"];

    /// <summary>Runs the parts; one that fails is reported and left out, the others still run.</summary>
    /// <param name="wanted">Names of <see cref="Parts"/>, or <c>streams</c> for all of <see cref="Streams"/>; everything when empty.</param>
    /// <param name="save">Called after each part, so that a run that is broken off has not been for nothing.</param>
    /// <returns>Whether all of them succeeded.</returns>
    internal async Task<bool> RunAsync(Result result, string[] wanted, Action save)
    {
        HashSet<string> chosen = [.. wanted.Length == 0 ? Parts : wanted.SelectMany(name => name == "streams" ? Streams : [name])];
        if (chosen.FirstOrDefault(name => !Parts.Contains(name)) is { } unknown)
            throw new ArgumentException($"no part is named '{unknown}'; there are streams, {string.Join(", ", Parts)}");
        bool good = true;
        foreach (string part in Parts.Where(chosen.Contains))
        {
            await Console.Error.WriteLineAsync($"   {part}");
            try
            {
                await RunAsync(result, part);
                save();
            }
            catch (Exception e) when (e is RpcException or WebSocketException or IOException or OperationCanceledException or TimeoutException or InvalidOperationException)
            {
                good = false;
                await Console.Error.WriteLineAsync($"   {part} failed: {e.Message}");
                await target.RemoveAllAsync();
            }
        }

        return good;
    }

    private Task RunAsync(Result result, string part) => part switch
    {
        "latency" => LatencyAsync(result),
        "rate" => RateAsync(result),
        "many" => new ManyPods(target, processes).RunAsync(result, ManyPodsCount),
        "logs" => new LogThroughput(target).RunAsync(result, Repeats),
        "pull" => new PullThroughput(target).RunAsync(result, $"{registry}/{BenchImages.Big}:latest", BenchImages.BigLayers * BenchImages.BigLayerMegabytes, Repeats),
        "exec" => new ExecBurst(target, processes).RunAsync(result, 10 * rounds),
        "sessions" => new StreamRounds(target, processes).RunAsync(result, sessions),
        "forward" => new ForwardThroughput(target).RunAsync(result, Repeats),
        "attach" => new AttachCrowd(target).RunAsync(result, AttachClients),
        _ => throw new ArgumentException($"no part is named '{part}'"),
    };

    private async Task LatencyAsync(Result result)
    {
        await new PodLatency(target, hostNetwork: true).RunAsync(result, rounds);
        await new PodLatency(target, hostNetwork: false).RunAsync(result, rounds);
    }

    private async Task RateAsync(Result result)
    {
        await new PodRate(target).RunAsync(result, rounds, 1, hostNetwork: true);
        await new PodRate(target).RunAsync(result, rounds, 8, hostNetwork: true);
        await new PodRate(target).RunAsync(result, rounds, 8, hostNetwork: false);
    }
}
