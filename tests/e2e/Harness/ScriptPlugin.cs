namespace CriRuntime.E2e.Harness;

/// <summary>A CNI plugin made of shell commands, which does what real plugins should not.</summary>
internal sealed class ScriptPlugin
{
    /// <summary>What ADD prints when it succeeds.</summary>
    internal const string Result = """{"cniVersion":"1.0.0","interfaces":[],"ips":[{"address":"10.98.0.2/24"}]}""";

    private readonly string _path;

    private ScriptPlugin(Daemon daemon)
    {
        string directory = Path.Combine(daemon.Base, "plugins");
        Directory.CreateDirectory(directory);
        _path = Path.Combine(directory, "script");
        Gate = new Gate(_path);
        Behave("", "");
    }

    /// <summary>Every ADD and DEL comes by here.</summary>
    internal Gate Gate { get; }

    /// <summary>Makes it the network of a daemon that is not started yet.</summary>
    /// <param name="containers">The daemon's configuration of containers, as JSON.</param>
    internal static ScriptPlugin Install(Daemon daemon, string containers = "{}", int timeoutSeconds = 60)
    {
        ScriptPlugin plugin = new(daemon);
        File.WriteAllText(
            Path.Combine(daemon.CniConfDir, "10-script.conflist"),
            """{ "cniVersion": "1.0.0", "name": "script-net", "plugins": [{ "type": "script" }] }""");
        File.WriteAllText(
            daemon.ConfigFile,
            $$"""{ "cni": { "binDirs": ["{{Path.GetDirectoryName(plugin._path)}}"], "timeoutSeconds": {{timeoutSeconds}} }, "containers": {{containers}} }""");
        return plugin;
    }

    /// <summary>From now on it executes these commands first.</summary>
    internal void Behave(string atAdd, string atDel)
    {
        string script = $"""
            #!/bin/sh
            case $CNI_COMMAND in
            VERSION) echo '{"{"}"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]{"}"}'; exit 0;;
            ADD) {Gate.Script("ADD")}
                {atAdd}
                echo '{Result}';;
            DEL) {Gate.Script("DEL")}
                {atDel}
                ;;
            esac
            exit 0
            """;
        string next = _path + ".next";
        File.WriteAllText(next, script.ReplaceLineEndings("\n") + "\n");
        File.SetUnixFileMode(next, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Move(next, _path, overwrite: true);
    }
}
