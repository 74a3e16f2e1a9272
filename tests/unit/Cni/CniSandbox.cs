using System.Text.Json;

namespace CriRuntime.Cni.Tests;

/// <summary>Directories of a test's own, with plugins written as shell scripts that log how they were called.</summary>
internal sealed class CniSandbox : IDisposable
{
    /// <summary>Notes command, input and variables; what follows decides the answer.</summary>
    private const string Prologue = """
        #!/bin/sh
        self="$0"; dir="$(dirname "$0")/../calls"; input="$(cat)"
        printf '%s %s\n' "$CNI_COMMAND" "$(basename "$self")" >> "$dir/order"
        printf '%s' "$input" > "$dir/$(basename "$self").$CNI_COMMAND.json"
        printf 'ARGS=%s\nNETNS=%s\nIF=%s\nID=%s\nPATH=%s\n' "$CNI_ARGS" "$CNI_NETNS" "$CNI_IFNAME" "$CNI_CONTAINERID" "$CNI_PATH" > "$dir/$(basename "$self").$CNI_COMMAND.env"

        """;

    internal const string Result = """{"cniVersion":"1.0.0","interfaces":[{"name":"veth1","mac":"aa:bb:cc:00:00:01"},{"name":"eth0","mac":"aa:bb:cc:00:00:02","sandbox":"/proc/self/ns/net"}],"ips":[{"address":"10.9.0.5/24","gateway":"10.9.0.1","interface":1}],"routes":[{"dst":"0.0.0.0/0"}],"dns":{}}""";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("cni-test-");

    public CniSandbox()
    {
        foreach (string directory in (string[])[ConfDir, BinDir, CallDir])
            Directory.CreateDirectory(directory);
    }

    internal string ConfDir => Path.Combine(_root.FullName, "net.d");

    internal string BinDir => Path.Combine(_root.FullName, "bin");

    internal string CallDir => Path.Combine(_root.FullName, "calls");

    internal string CacheDir => Path.Combine(_root.FullName, "cache");

    internal List<string> Warnings { get; } = [];

    /// <summary>The calls so far, as "COMMAND plugin".</summary>
    internal string[] Calls => File.Exists(Path.Combine(CallDir, "order")) ? File.ReadAllLines(Path.Combine(CallDir, "order")) : [];

    internal string[] CachedFiles => Directory.Exists(Path.Combine(CacheDir, "results")) ? [.. Directory.GetFiles(Path.Combine(CacheDir, "results")).Select(f => Path.GetFileName(f)!)] : [];

    internal CniNetworks Open(double timeoutSeconds = 10) => new(
        new CniOptions
        {
            ConfDir = ConfDir,
            BinDirs = [BinDir],
            CacheDir = CacheDir,
            PluginTimeout = TimeSpan.FromSeconds(timeoutSeconds),
            GcPatience = TimeSpan.FromMilliseconds(500),
        },
        line => Warnings.Add(line));

    /// <summary>Installs a plugin whose shell code runs after its call was noted.</summary>
    internal void Plugin(string name, string body) => Executable(name, Prologue + body + "\n");

    /// <summary>Installs a plugin that answers ADD with the result and everything else with nothing.</summary>
    internal void GoodPlugin(string name, string result = Result) =>
        Plugin(name, $"if [ \"$CNI_COMMAND\" = ADD ]; then cat <<'END'\n{result}\nEND\nfi");

    internal void Executable(string name, string content)
    {
        string path = Path.Combine(BinDir, name);
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    internal void Conf(string file, string json) => File.WriteAllText(Path.Combine(ConfDir, file), json);

    /// <summary>Configures a list of plugins without options.</summary>
    internal void Network(string name, string version, params string[] plugins) =>
        Conf("10-net.conflist", $$"""{"cniVersion":"{{version}}","name":"{{name}}","plugins":[{{string.Join(',', plugins.Select(p => $$"""{"type":"{{p}}"}"""))}}]}""");

    /// <summary>What a plugin read on its last call of the command.</summary>
    internal JsonElement Input(string plugin, string command) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(CallDir, $"{plugin}.{command}.json"))).RootElement;

    internal string Variables(string plugin, string command) => File.ReadAllText(Path.Combine(CallDir, $"{plugin}.{command}.env"));

    internal static PodAttachment Pod(string id = "c0ffee") => new()
    {
        ContainerId = id,
        NetnsPath = "/proc/self/ns/net",
        PodName = "web",
        PodNamespace = "shop",
        PodUid = "0f7e",
    };

    public void Dispose() => _root.Delete(recursive: true);
}
