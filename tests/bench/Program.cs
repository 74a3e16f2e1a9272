using System.CommandLine;
using CriRuntime.Bench;
using CriRuntime.Bench.Images;
using CriRuntime.Bench.Measuring;
using CriRuntime.Bench.Report;
using CriRuntime.Bench.Workloads;

Option<string> endpoint = new("--endpoint") { Description = "The CRI socket", Required = true };
Option<string> registry = new("--registry") { Description = "host:port of a registry on loopback that holds the benchmark's images", Required = true };
Option<string> output = new("--out") { Description = "File for the result (JSON)", Required = true };
Option<string> pidFile = new("--daemon-pid-file") { Description = "File with the daemon's process id; rewritten when the daemon was started again", Required = true };
Option<string> monitor = new("--monitor") { Description = "File name of the monitors' program", Required = true };
Option<string> mark = new("--monitor-mark") { Description = "Text in the command line of this runtime's monitors, where others run too", DefaultValueFactory = _ => "" };
Option<int> rounds = new("--rounds") { Description = "Pods per latency measure", DefaultValueFactory = _ => 40 };
Option<int> sessions = new("--sessions") { Description = "Exec, attach and port-forward sessions of each kind", DefaultValueFactory = _ => 10_000 };
Option<int> pods = new("--pods") { Description = "Pods of the parts rate, containers and restart", DefaultValueFactory = _ => 100 };
Option<string[]> only = new("--only") { Description = $"all, streams, {string.Join(", ", Suite.Parts)}; all but {Suite.Restarting} by default, which kills the daemon", AllowMultipleArgumentsPerToken = true };

Command run = new("run", "Measure one runtime through its CRI socket") { endpoint, registry, output, pidFile, monitor, mark, rounds, sessions, pods, only };
run.SetAction(async parsed =>
{
    string host = parsed.GetRequiredValue(registry);
    Daemon daemon = new(parsed.GetRequiredValue(pidFile));
    RuntimeProcesses processes = new(daemon, parsed.GetRequiredValue(monitor), parsed.GetRequiredValue(mark));
    using Target target = new(parsed.GetRequiredValue(endpoint), $"{host}/{BenchImages.Small}:latest");
    Result result = new() { Runtime = await target.NameAsync() };
    await target.EnsureImageAsync();
    Scale scale = new(parsed.GetValue(rounds), parsed.GetValue(sessions), parsed.GetValue(pods));
    bool good;
    try
    {
        good = await new Suite(target, daemon, processes, host, scale).RunAsync(result, parsed.GetValue(only) ?? [], Save);
    }
    finally
    {
        await target.RemoveAllAsync();
    }

    Save();
    Console.Write(Table.Write(new Comparison([result])));
    return good ? 0 : 1;

    void Save() => result.Save(parsed.GetRequiredValue(output));
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
Option<string?> bare = new("--bare") { Description = "Result file of 'machine': one more column, and bounds of the goals" };
Option<string?> table = new("--table") { Description = "Markdown file to write" };
Option<string?> chart = new("--chart") { Description = "SVG file to write" };
Option<string> title = new("--title") { DefaultValueFactory = _ => "Medians of one run on one machine" };
Command report = new("report", "Put results side by side, and judge the first by its goals") { files, bare, table, chart, title };
report.SetAction(parsed =>
{
    List<Result> results = [.. parsed.GetRequiredValue(files).Select(Result.Load)];
    Result? bounds = parsed.GetValue(bare) is string file ? Result.Load(file) : null;
    Comparison comparison = new(results, bounds);
    string text = Table.Write(comparison);
    if (results.Count > 1)
        text += Environment.NewLine + new Goals(results[0], results[1], bounds).Write();
    Console.Write(text);
    if (parsed.GetValue(table) is string markdown)
        File.WriteAllText(markdown, text);
    if (parsed.GetValue(chart) is string svg)
        File.WriteAllText(svg, Chart.Write(comparison, parsed.GetRequiredValue(title)));
    return 0;
});

Option<string> conflist = new("--cni-conf") { Description = "CNI network whose plugins are run bare", Required = true };
Option<string> plugins = new("--cni-bin") { DefaultValueFactory = _ => "/usr/lib/cni" };
Command machine = new("machine", "What bounds any runtime here: the CNI plugins alone, socat as a relay, cat through a pipe into a file, a parent that waits for a killed child") { output, rounds, conflist, plugins };
machine.SetAction(async parsed =>
{
    Result result = new() { Runtime = "bare: CNI plugins, cat, socat, waitpid" };
    await new CniPlugins(parsed.GetRequiredValue(conflist), parsed.GetRequiredValue(plugins)).RunAsync(result, parsed.GetValue(rounds));
    result.Add(LogThroughput.Name, "MB/s", LogThroughput.CatThroughPipe());
    await ForwardThroughput.RunSocatAsync(result, 3);
    await ExitNotice.RunAsync(result, 200);
    result.Save(parsed.GetRequiredValue(output));
    Console.Write(Table.Write(new Comparison([result])));
    return 0;
});

RootCommand root = new("Benchmarks of CRI runtimes, side by side") { run, push, oci, report, machine };
return await root.Parse(args).InvokeAsync();
