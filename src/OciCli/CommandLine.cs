using System.Text.Json;
using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Lifecycle;
using CriRuntime.Oci.SeccompFilters;
using CriRuntime.Oci.Specs;
using CriRuntime.OciCli.Commands;

namespace CriRuntime.OciCli;

/// <summary>From words to a command, and from its failure to a message and an exit status.</summary>
internal static class CommandLine
{
    private const string Usage = """
        cri-oci runs containers according to the OCI runtime specification, with the command line of runc.

        cri-oci [--root DIR] [--log FILE] [--log-format text|json] [--systemd-cgroup] [--debug] COMMAND ...

          create    -b BUNDLE [--console-socket PATH] [--pid-file PATH] [--preserve-fds N] ID
          start     ID
          run       -b BUNDLE [-d] [--console-socket PATH] [--pid-file PATH] [--preserve-fds N] [--keep] ID
          exec      [-d] [-p PROCESS.json] [-t] [--console-socket PATH] [--pid-file PATH] [--cwd DIR] [-e K=V] [-u UID[:GID]] ID COMMAND ...
          kill      [-a] ID [SIGNAL]
          delete    [-f] ID
          state     ID
          list      [-q] [-f table|json]
          ps        [-f table|json] ID
          pause     ID
          resume    ID
          update    [-r RESOURCES.json] [--memory N] [--cpu-quota N] [--pids-limit N] ... ID
          events    [--stats] [--interval TIME] ID
          spec      [-b BUNDLE]
          features
          launch    [--release] PLAN      (a plan from a file, as the monitor runs it; for tests and for looking at a failure)
        """;

    internal static int Run(string[] args)
    {
        RuntimeLog log = new(null, json: false, debug: false);
        try
        {
            (GlobalOptions options, int command) = GlobalOptions.Parse(args);
            log = options.Log;
            if (command < 0)
                return Print($"cri-oci version {Version}\nspec: 1.2.1");
            if (command >= args.Length)
                return Print(Usage);
            return Dispatch(options, args[command], args.AsSpan(command + 1));
        }
        catch (Exception e) when (IsExpected(e))
        {
            log.Error(e.Message);
            return 1;
        }
    }

    /// <summary>The version of the program.</summary>
    internal static string Version => typeof(CommandLine).Assembly.GetName().Version?.ToString(3) ?? "0";

    private static int Dispatch(GlobalOptions options, string command, ReadOnlySpan<string> arguments)
    {
        // Those that clone: the container is not to get hold of this program.
        if (command is "create" or "run" or "exec" or "launch")
            ReadOnlyExecutable.Ensure();
        return Perform(options, command, arguments);
    }

    private static int Perform(GlobalOptions options, string command, ReadOnlySpan<string> arguments) => command switch
    {
        "create" => CreateCommand.Run(options, arguments),
        "start" => StartCommand.Run(options, arguments),
        "run" => RunCommand.Run(options, arguments),
        "exec" => ExecCommand.Run(options, arguments),
        "kill" => KillCommand.Run(options, arguments),
        "delete" => DeleteCommand.Run(options, arguments),
        "state" => StateCommand.Run(options, arguments),
        "list" => ListCommand.Run(options, arguments),
        "pause" => PauseCommand.Run(options, arguments),
        "resume" => ResumeCommand.Run(options, arguments),
        "update" => UpdateCommand.Run(options, arguments),
        "events" => EventsCommand.Run(options, arguments),
        "ps" => PsCommand.Run(options, arguments),
        "spec" => SpecCommand.Run(arguments),
        "features" => FeaturesCommand.Run(),
        "launch" => LaunchCommand.Run(options, arguments),
        "help" => Print(Usage),
        _ => throw new UsageException($"there is no command {command}; cri-oci --help lists them"),
    };

    private static int Print(string text)
    {
        Output.Line(text);
        return 0;
    }

    /// <summary>What a user can cause. Anything else is a fault of this program, and is shown with its stack.</summary>
    private static bool IsExpected(Exception e) =>
        e is UsageException or OciException or SpecException or SeccompException or CgroupException or JsonException
            or IOException or UnauthorizedAccessException or LinuxException;
}
