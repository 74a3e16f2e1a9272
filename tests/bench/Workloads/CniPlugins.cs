using System.Diagnostics;
using System.Text.Json.Nodes;
using CriRuntime.Bench.Measuring;

namespace CriRuntime.Bench.Workloads;

/// <summary>
/// The plugins of a CNI network run bare, one after the other, on fresh network namespaces, with what a runtime gives them (CNI spec,
/// section 4): the time that no runtime can undercut.
/// </summary>
internal sealed class CniPlugins
{
    private readonly string _binDir;
    private readonly JsonObject _network;
    private readonly JsonObject[] _plugins;

    /// <param name="conflist">A network's configuration file.</param>
    internal CniPlugins(string conflist, string binDir)
    {
        _binDir = binDir;
        _network = JsonNode.Parse(File.ReadAllText(conflist))!.AsObject();
        _plugins = [.. _network["plugins"]!.AsArray().Select(plugin => plugin!.AsObject())];
    }

    /// <summary>Records ADD under RunPodSandbox and DEL under StopPodSandbox, of which they are the floor.</summary>
    internal async Task RunAsync(Result result, int count)
    {
        Samples add = new();
        Samples del = new();
        for (int i = -1; i < count; i++)
        {
            string name = $"cri-bench-{Environment.ProcessId}-{i + 1}";
            await RunAsync("ip", ["netns", "add", name], [], "");
            try
            {
                JsonNode made = await (i < 0 ? new Samples() : add).TimeAsync(() => AddAsync(name));
                await (i < 0 ? new Samples() : del).TimeAsync(() => DelAsync(name, made));
            }
            finally
            {
                await RunAsync("ip", ["netns", "del", name], [], "");
            }
        }

        result.Add("RunPodSandbox, pod network", add.Distribution());
        result.Add("StopPodSandbox, pod network", del.Distribution());
    }

    private async Task<JsonNode> AddAsync(string name)
    {
        JsonNode? previous = null;
        foreach (JsonObject plugin in _plugins)
            previous = JsonNode.Parse(await PluginAsync("ADD", plugin, name, previous))!;
        return previous!;
    }

    private async Task<bool> DelAsync(string name, JsonNode made)
    {
        foreach (JsonObject plugin in _plugins.Reverse())
            await PluginAsync("DEL", plugin, name, made);
        return true;
    }

    private Task<string> PluginAsync(string command, JsonObject plugin, string name, JsonNode? previous)
    {
        JsonObject configuration = plugin.DeepClone().AsObject();
        configuration["cniVersion"] = _network["cniVersion"]!.DeepClone();
        configuration["name"] = _network["name"]!.DeepClone();
        if (previous is not null)
            configuration["prevResult"] = previous.DeepClone();
        Dictionary<string, string> environment = new()
        {
            ["CNI_COMMAND"] = command,
            ["CNI_CONTAINERID"] = name,
            ["CNI_NETNS"] = "/run/netns/" + name,
            ["CNI_IFNAME"] = "eth0",
            ["CNI_PATH"] = _binDir,
        };
        return RunAsync(Path.Combine(_binDir, (string)plugin["type"]!), [], environment, configuration.ToJsonString());
    }

    private static async Task<string> RunAsync(string program, string[] arguments, Dictionary<string, string> environment, string input)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit {process.ExitCode}: {output}");
    }
}
