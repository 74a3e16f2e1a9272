using CriRuntime.Bench.Images;
using CriRuntime.Bench.Measuring;
using CriRuntime.Bench.Workloads;

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

    /// <param name="wanted">Names of <see cref="Parts"/>, or <c>streams</c> for all of <see cref="Streams"/>; everything when empty.</param>
    internal async Task RunAsync(Result result, string[] wanted)
    {
        HashSet<string> chosen = [.. wanted.Length == 0 ? Parts : wanted.SelectMany(name => name == "streams" ? Streams : [name])];
        if (chosen.FirstOrDefault(name => !Parts.Contains(name)) is { } unknown)
            throw new ArgumentException($"no part is named '{unknown}'; there are streams, {string.Join(", ", Parts)}");
        foreach (string part in Parts.Where(chosen.Contains))
        {
            await Console.Error.WriteLineAsync($"   {part}");
            await RunAsync(result, part);
        }
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
