using System.CommandLine;
using System.Text.Json.Nodes;
using CriRuntime.CriServer.Configuration;

namespace CriRuntime.CriServer.Commands;

/// <summary>The options that override configuration keys, the same for every command that reads the configuration.</summary>
internal sealed class ServerOptions
{
    private readonly Option<string?> _config = new("--config") { Description = $"Configuration file; its drop-ins are in config.d beside it [default: {ConfigurationFiles.DefaultPath}]", Recursive = true };
    private readonly (string Key, Option<string?> Option)[] _texts =
    [
        ("listen", Text("--listen", "The CRI socket [default: criruntime.sock in the run directory]")),
        ("root", Text("--root", "Directory of images, snapshots and what a reboot must still know")),
        ("run", Text("--run", "Directory of this boot's pods; belongs on a tmpfs")),
        ("conmon", Text("--conmon", "The cri-conmon program [default: beside criruntime, else in PATH]")),
        ("cni.confDir", Text("--cni-conf-dir", "Directory of CNI network configurations")),
        ("log.level", Text("--log-level", LogLevels.Names)),
        ("log.format", Text("--log-format", "text or json")),
    ];

    private readonly Option<string[]> _binDirs = new("--cni-bin-dir") { Description = "Directory of CNI plugins; may be given several times", Recursive = true };

    internal void AddTo(Command command)
    {
        command.Options.Add(_config);
        foreach ((_, Option<string?> option) in _texts)
            command.Options.Add(option);
        command.Options.Add(_binDirs);
    }

    /// <exception cref="ConfigurationException">What is wrong, and where.</exception>
    internal ServerConfiguration Load(ParseResult parsed)
    {
        ConfigurationLayer commandLine = new("the command line", []);
        foreach ((string key, Option<string?> option) in _texts)
        {
            if (parsed.GetValue(option) is string value)
                commandLine.Set(key, JsonValue.Create(value));
        }

        if (parsed.GetValue(_binDirs) is { Length: > 0 } directories)
            commandLine.Set("cni.binDirs", new JsonArray([.. directories.Select(directory => (JsonNode)JsonValue.Create(directory))]));
        return ConfigurationLoader.Load(parsed.GetValue(_config), Environment.GetEnvironmentVariables(), commandLine);
    }

    private static Option<string?> Text(string name, string description) => new(name) { Description = description, Recursive = true };
}
