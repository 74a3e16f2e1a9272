using System.CommandLine;
using CriRuntime.Bench.Images;
using CriRuntime.Bench.Measuring;
using CriRuntime.Bench.Report;
using CriRuntime.Bench.Workloads;

Option<string> endpoint = new("--endpoint") { Description = "The CRI socket", Required = true };
Option<string> registry = new("--registry") { Description = "host:port of a registry on loopback that holds the benchmark's images", Required = true };
Option<string> output = new("--out") { Description = "File for the result (JSON)", Required = true };
Option<int> daemon = new("--daemon-pid") { Description = "Process of the daemon", Required = true };
Option<string> monitor = new("--monitor") { Description = "File name of the monitors' program", Required = true };
Option<string> mark = new("--monitor-mark") { Description = "Text in the command line of this runtime's monitors", Required = true };
Option<int> rounds = new("--rounds") { Description = "Pods per latency measure", DefaultValueFactory = _ => 40 };
Option<string[]> only = new("--only") { Description = "latency, rate, many, logs, pull; all of them by default", AllowMultipleArgumentsPerToken = true };

Command run = new("run", "Measure one runtime through its CRI socket") { endpoint, registry, output, daemon, monitor, mark, rounds, only };
run.SetAction(async parsed =>
{
    string host = parsed.GetRequiredValue(registry);
    string[] wanted = parsed.GetValue(only) is { Length: > 0 } some ? some : ["latency", "rate", "many", "logs", "pull"];
    using Target target = new(parsed.GetRequiredValue(endpoint), $"{host}/{BenchImages.Small}:latest");
    Result result = new() { Runtime = await target.NameAsync() };
    await target.EnsureImageAsync();
    int count = parsed.GetValue(rounds);
    try
    {
        if (wanted.Contains("latency"))
        {
            await new PodLatency(target, hostNetwork: true).RunAsync(result, count);
            await new PodLatency(target, hostNetwork: false).RunAsync(result, count);
        }

        if (wanted.Contains("rate"))
        {
            await new PodRate(target).RunAsync(result, count, 1, hostNetwork: true);
            await new PodRate(target).RunAsync(result, count, 8, hostNetwork: true);
            await new PodRate(target).RunAsync(result, count, 8, hostNetwork: false);
        }

        if (wanted.Contains("many"))
            await new ManyPods(target).RunAsync(result, 50, parsed.GetValue(daemon), parsed.GetRequiredValue(monitor), parsed.GetRequiredValue(mark));
        if (wanted.Contains("logs"))
            await new LogThroughput(target).RunAsync(result, "log of one container, 100-byte lines", 3);
        if (wanted.Contains("pull"))
            await new PullThroughput(target).RunAsync(result, $"{host}/{BenchImages.Big}:latest", BenchImages.BigLayers * BenchImages.BigLayerMegabytes, 3);
    }
    finally
    {
        await target.RemoveAllAsync();
    }

    result.Save(parsed.GetRequiredValue(output));
    Console.Write(Table.Write(new Comparison([result])));
    return 0;
});

Option<string> busybox = new("--busybox") { DefaultValueFactory = _ => "/bin/busybox" };
Command push = new("push", "Build the benchmark's images and push them") { registry, busybox };
push.SetAction(async parsed =>
{
    using BenchImages images = new(parsed.GetRequiredValue(registry));
    await images.PushAsync(parsed.GetRequiredValue(busybox));
    return 0;
});

Option<string> bundle = new("--bundle") { Description = "OCI bundle whose process is /bin/true", Required = true };
Argument<string[]> runtimes = new("runtimes") { Description = "RUNTIME=RESULT.json ...: results that the figures are added to" };
Option<int> runs = new("--runs") { DefaultValueFactory = _ => 100 };
Command oci = new("oci", "Measure OCI runtimes in turn, without a daemon") { bundle, runs, runtimes };
oci.SetAction(async parsed =>
{
    Dictionary<string, string> files = parsed.GetRequiredValue(runtimes).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
    Dictionary<string, Result> results = files.ToDictionary(
        pair => pair.Key,
        pair => File.Exists(pair.Value) ? Result.Load(pair.Value) : new Result { Runtime = Path.GetFileName(pair.Key) });
    await OciRun.RunAsync(results, parsed.GetRequiredValue(bundle), parsed.GetValue(runs));
    foreach ((string runtime, Result result) in results)
        result.Save(files[runtime]);
    return 0;
});

Argument<string[]> files = new("results") { Description = "Result files; the first is compared with the second", Arity = ArgumentArity.OneOrMore };
Option<string?> table = new("--table") { Description = "Markdown file to write" };
Option<string?> chart = new("--chart") { Description = "SVG file to write" };
Option<string> title = new("--title") { DefaultValueFactory = _ => "Medians of one run on one machine" };
Command report = new("report", "Put results side by side") { files, table, chart, title };
report.SetAction(parsed =>
{
    Comparison comparison = new([.. parsed.GetRequiredValue(files).Select(Result.Load)]);
    string text = Table.Write(comparison);
    Console.Write(text);
    if (parsed.GetValue(table) is string markdown)
        File.WriteAllText(markdown, text);
    if (parsed.GetValue(chart) is string svg)
        File.WriteAllText(svg, Chart.Write(comparison, parsed.GetRequiredValue(title)));
    return 0;
});

Command cat = new("cat", "MB/s of cat through a pipe into a file: the bound on any log copying");
cat.SetAction(_ => Console.Out.WriteLine(Table.Number(LogThroughput.CatThroughPipe())));

RootCommand root = new("Benchmarks of CRI runtimes, side by side") { run, push, oci, report, cat };
return await root.Parse(args).InvokeAsync();
