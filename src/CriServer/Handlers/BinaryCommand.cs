using CriRuntime.Conmon.Protocol;

namespace CriRuntime.CriServer.Handlers;

/// <summary>The command lines of a runtime's binary (runc's; runc(8), crun(1)), without the program's own name.</summary>
/// <param name="Handler">Its path and root.</param>
/// <param name="Bundle">The container's bundle directory, where the binary runs.</param>
/// <param name="ContainerId">The container.</param>
public sealed record BinaryCommand(RuntimeHandler Handler, string Bundle, string ContainerId)
{
    /// <summary>The log and pid file of a container's creation, and its console socket.</summary>
    public const string Init = "init";

    /// <summary>Where an operation writes its log, apart from those of others.</summary>
    public string Log(string operation) => Path.Join(Bundle, operation + ".log");

    public IReadOnlyList<string> Create(bool terminal) =>
        [.. Global(Init), "create", "--bundle", Bundle, "--pid-file", PidFile(Init), .. Console(Init, terminal), ContainerId];

    public IReadOnlyList<string> Start() => [.. Global("start"), "start", ContainerId];

    /// <param name="name">Names the files of this exec.</param>
    /// <param name="process">The file with the process's specification.</param>
    /// <param name="terminal">It has one.</param>
    public IReadOnlyList<string> Exec(string name, string process, bool terminal) =>
        [.. Global(name), "exec", "--process", process, "--pid-file", PidFile(name), .. Console(name, terminal), "--detach", ContainerId];

    public IReadOnlyList<string> Update() => [.. Global("update"), "update", "--resources", "-", ContainerId];

    public IReadOnlyList<string> Delete() => [.. Global("delete"), "delete", "--force", ContainerId];

    private string[] Global(string operation) =>
        ["--root", Handler.Root, "--log", Log(operation), "--log-format", "json", .. Handler.SystemdCgroup ? (string[])["--systemd-cgroup"] : []];

    private string PidFile(string name) => Path.Join(Bundle, BinaryOptions.PidFile(name));

    /// <summary>Relative to where the binary runs: the address of a socket is short.</summary>
    private static string[] Console(string name, bool terminal) => terminal ? ["--console-socket", BinaryOptions.ConsoleSocket(name)] : [];
}
