using System.Net.WebSockets;
using CriRuntime.Bench.Images;
using CriRuntime.Bench.Measuring;
using CriRuntime.Bench.Workloads;
using Grpc.Core;

namespace CriRuntime.Bench;

/// <summary>The measures of one runtime, in parts that can be chosen.</summary>
internal sealed class Suite(Target target, Daemon daemon, RuntimeProcesses processes, string registry, Scale scale)
{
    private const int ManyPodsCount = 50;
    private const int AttachClients = 100;
    private const int Repeats = 3;
    private const int Events = 200;
    private const int Restarts = 10;

    /// <summary>The part that kills the daemon; only where it is asked for.</summary>
    internal const string Restarting = "restart";

    /// <summary>In the order in which they run.</summary>
    internal static readonly string[] Parts = ["latency", "rate", "many", "containers", "events", "logs", "pull", "exec", "sessions", "forward", "attach", Restarting];

    /// <summary>Those of <see cref="Parts"/> that are about streams.</summary>
    internal static readonly string[] Streams = ["exec", "sessions", "forward", "attach"];

    /// <summary>Runs the parts; one that fails is reported and left out, the others still run.</summary>
    /// <param name="wanted">Names of <see cref="Parts"/>, <c>streams</c> for all of <see cref="Streams"/>, <c>all</c> for everything; everything but <see cref="Restarting"/> when empty.</param>
    /// <param name="save">Called after each part, so that a run that is broken off has not been for nothing.</param>
    /// <returns>Whether all of them succeeded.</returns>
    internal async Task<bool> RunAsync(Result result, string[] wanted, Action save)
    {
        HashSet<string> chosen = [.. wanted.Length == 0 ? Parts.Where(name => name != Restarting) : wanted.SelectMany(Named)];
        if (chosen.FirstOrDefault(name => !Parts.Contains(name)) is { } unknown)
            throw new ArgumentException($"no part is named '{unknown}'; there are all, streams, {string.Join(", ", Parts)}");
        bool good = true;
        foreach (string part in Parts.Where(chosen.Contains))
        {
            await Console.Error.WriteLineAsync($"   {part}");
            try
            {
                await RunAsync(result, part);
                save();
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.Unimplemented)
            {
                await GiveUpAsync(result, $"{part}: not implemented: {e.Status.Detail}");
            }
            catch (Exception e) when (e is RpcException or WebSocketException or IOException or OperationCanceledException or TimeoutException or InvalidOperationException)
            {
                good = false;
                await GiveUpAsync(result, $"{part} failed: {e.Message}");
            }
        }

        return good;
    }

    private static string[] Named(string name) => name switch { "all" => Parts, "streams" => Streams, _ => [name] };

    private async Task GiveUpAsync(Result result, string why)
    {
        result.Notes.Add(why);
        await Console.Error.WriteLineAsync($"   {why}");
        await target.RemoveAllAsync();
    }

    private Task RunAsync(Result result, string part) => part switch
    {
        "latency" => LatencyAsync(result),
        "rate" => RateAsync(result),
        "many" => new ManyPods(target, processes).RunAsync(result, ManyPodsCount),
        "containers" => new ManyContainers(target).RunAsync(result, scale.Pods),
        "events" => new EventLatency(target).RunAsync(result, Events),
        "logs" => new LogThroughput(target).RunAsync(result, Repeats),
        "pull" => new PullThroughput(target).RunAsync(result, $"{registry}/{BenchImages.Big}:latest", BenchImages.BigLayers * BenchImages.BigLayerMegabytes, Repeats),
        "exec" => new ExecBurst(target, processes).RunAsync(result, 10 * scale.Rounds),
        "sessions" => new StreamRounds(target, processes).RunAsync(result, scale.Sessions),
        "forward" => new ForwardThroughput(target).RunAsync(result, Repeats),
        "attach" => new AttachCrowd(target).RunAsync(result, AttachClients),
        Restarting => new Restart(target, daemon).RunAsync(result, scale.Pods, Restarts),
        _ => throw new ArgumentException($"no part is named '{part}'"),
    };

    private async Task LatencyAsync(Result result)
    {
        await new PodLatency(target, hostNetwork: true).RunAsync(result, scale.Rounds);
        await new PodLatency(target, hostNetwork: false).RunAsync(result, scale.Rounds);
    }

    private async Task RateAsync(Result result)
    {
        await new PodRate(target).RunAsync(result, scale.Rounds, 1, hostNetwork: true);
        await new PodRate(target).RunAsync(result, scale.Pods, 8, hostNetwork: true);
        await new PodRate(target).RunAsync(result, scale.Pods, 8, hostNetwork: false);
    }
}
