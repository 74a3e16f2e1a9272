using System.CommandLine;
using CriRuntime.Soak;

// Drives a published cri-conmon (CRI_CONMON names it) without a daemon. Needs root.
Option<int> clones = new("--count") { Description = "Clones in all", DefaultValueFactory = _ => 100_000 };
Option<int> parallel = new("--parallel") { Description = "Clones at once", DefaultValueFactory = _ => 8 };
Command cloneCommand = new("clones", "Execs in one container with log traffic beside them; fails when one hangs or answers wrongly") { clones, parallel };
cloneCommand.SetAction((result, _) => CloneSoak.RunAsync(result.GetValue(clones), result.GetValue(parallel)));

Option<int> megabytes = new("--megabytes") { Description = "Bytes written by the container", DefaultValueFactory = _ => 1024 };
Option<int> lineLength = new("--line") { Description = "Bytes a line, the newline included", DefaultValueFactory = _ => 128 };
Option<int> rounds = new("--rounds") { Description = "How often, the two in turn", DefaultValueFactory = _ => 3 };
Command logCommand = new("logs", "Throughput of one container's output into its log, every line checked, beside cat's into a file") { megabytes, lineLength, rounds };
logCommand.SetAction((result, _) => LogThroughput.RunAsync(result.GetValue(megabytes), result.GetValue(lineLength), result.GetValue(rounds)));

Option<int> attaches = new("--count") { Description = "Attaches in all", DefaultValueFactory = _ => 10_000 };
Command attachCommand = new("attach", "Attaches and resizes around failed starts; fails when memory or descriptors grow") { attaches };
attachCommand.SetAction((result, _) => AttachSoak.RunAsync(result.GetValue(attaches)));

Option<int> pods = new("--pods") { Description = "Pods of one container", DefaultValueFactory = _ => 50 };
Command memoryCommand = new("memory", "Memory and start time of monitors") { pods };
memoryCommand.SetAction((result, _) => MonitorMemory.RunAsync(result.GetValue(pods)));

return await new RootCommand("Soaks and measurements of cri-conmon") { cloneCommand, logCommand, attachCommand, memoryCommand }.Parse(args).InvokeAsync();
