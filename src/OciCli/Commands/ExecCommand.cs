using System.Globalization;
using CriRuntime.Oci.Lifecycle;
using CriRuntime.Oci.Running;
using CriRuntime.Oci.Specs;

namespace CriRuntime.OciCli.Commands;

/// <summary>exec: a further process in a running container, from a process file or from the command line over the container's own process.</summary>
internal static class ExecCommand
{
    internal static int Run(GlobalOptions options, ReadOnlySpan<string> arguments)
    {
        Arguments given = new(
            arguments,
            ["--detach|-d", "--tty|-t", "--no-new-privs"],
            ["--process|-p", "--console-socket", "--pid-file", "--cwd", "--env|-e", "--user|-u", "--cap|-c", "--additional-gids|-g", "--preserve-fds"],
            operands: 1);
        if (given.Operands.Count == 0)
            throw new UsageException("the container's id is missing");
        Container container = Container.Open(options.Store, given.Operands[0]);
        Spec spec = container.Store.LoadSpec(container.Record.Id);
        Process process = given.Value("--process") is { } file
            ? SpecJson.ParseProcess(File.ReadAllBytes(file))
            : FromArguments(spec.Process ?? throw new OciException("the container's configuration has no process"), given);
        if (process.Terminal && given.Value("--console-socket") is null)
            throw new OciException("the process wants a terminal: give --console-socket, to which it is sent");
        using LaunchedProcess launched = ContainerExec.Execute(
            container, spec, process, CreationOptions.OwnStdio(), given.Value("--console-socket"), given.Value("--pid-file"), options.Log.Warn);
        return given.Has("--detach") ? 0 : SignalForwarding.AwaitEnd(launched).ExitCode;
    }

    private static Process FromArguments(Process own, Arguments given)
    {
        if (given.Operands.Count < 2)
            throw new UsageException("the command to execute is missing");
        LinuxCapabilities? capabilities = own.Capabilities;
        if (given.Values("--cap") is { Count: > 0 } more && capabilities is not null)
        {
            capabilities = capabilities with
            {
                Bounding = [.. capabilities.Bounding, .. more],
                Effective = [.. capabilities.Effective, .. more],
                Permitted = [.. capabilities.Permitted, .. more],
            };
        }
        return own with
        {
            Args = [.. given.Operands.Skip(1)],
            Env = [.. own.Env, .. given.Values("--env")],
            Cwd = given.Value("--cwd") ?? own.Cwd,
            Terminal = given.Has("--tty"),
            User = UserOf(own.User, given),
            Capabilities = capabilities,
            NoNewPrivileges = own.NoNewPrivileges || given.Has("--no-new-privs"),
        };
    }

    private static User UserOf(User own, Arguments given)
    {
        User user = own;
        if (given.Value("--user") is { } text)
        {
            string[] parts = text.Split(':');
            if (parts.Length > 2)
                throw new UsageException($"\"{text}\" is not UID or UID:GID");
            user = user with { Uid = Id(parts[0]), Gid = parts.Length > 1 ? Id(parts[1]) : own.Gid };
        }
        return given.Values("--additional-gids") is { Count: > 0 } gids ? user with { AdditionalGids = [.. user.AdditionalGids, .. gids.Select(Id)] } : user;
    }

    private static uint Id(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint id) ? id : throw new UsageException($"\"{text}\" is not a numeric id");
}
