using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;

namespace CriRuntime.OciCli.Commands;

/// <summary>
/// launch: runs a plan from a file, without state, as the monitor runs those that it is sent. A plan with a program: waits for its end and takes over its exit status;
/// one without: prints the pid of the process when its work is done.
/// </summary>
internal static class LaunchCommand
{
    internal static int Run(GlobalOptions options, ReadOnlySpan<string> arguments)
    {
        Arguments given = new(arguments, ["--release"], [], operands: int.MaxValue);
        LaunchPlan plan = LaunchPlan.Parse(File.ReadAllBytes(given.Single("the plan's file")));
        using LaunchedProcess process = PlanRunner.Launch(plan, CreationOptions.OwnStdio());
        process.WaitReady();
        foreach (string warning in process.Warnings)
            options.Log.Warn(warning);
        if ((plan.Flags & Linux.Launching.PlanFlags.NoProgram) != 0)
        {
            Output.Line($"{process.Pid}");
            return 0;
        }
        if (process.Phase == LaunchPhase.Ready && given.Has("--release"))
        {
            process.Release();
            process.WaitRunning();
        }
        return SignalForwarding.AwaitEnd(process).ExitCode;
    }
}
