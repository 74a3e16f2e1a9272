using System.Diagnostics;
using CriRuntime.Bench.Measuring;
using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>A cold pull, repeated: fetched, verified, unpacked, removed again. MB/s of unpacked content.</summary>
internal sealed class PullThroughput(Target target)
{
    /// <summary>The measure's name.</summary>
    internal const string Name = "pull and unpack, 6 gzip layers";

    internal async Task RunAsync(Result result, string image, double unpackedMegabytes, int rounds)
    {
        ImageSpec spec = new() { Image = image };
        List<double> rates = [];
        for (int round = 0; round < rounds; round++)
        {
            await target.Images.RemoveImageAsync(new RemoveImageRequest { Image = spec });
            await Task.Delay(2000); // let the peer's background removal end
            long started = Stopwatch.GetTimestamp();
            await target.Images.PullImageAsync(new PullImageRequest { Image = spec });
            rates.Add(unpackedMegabytes / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        await target.Images.RemoveImageAsync(new RemoveImageRequest { Image = spec });
        result.Add(Name, "MB/s", Samples.Quantile([.. rates.Order()], 0.5));
    }
}
