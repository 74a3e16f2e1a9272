using CriRuntime.Linux;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Lifecycle;

/// <summary>exec: a further process in a running container.</summary>
public static class ContainerExec
{
    /// <returns>The process, running.</returns>
    /// <exception cref="OciException">The container does not run.</exception>
    /// <exception cref="LaunchException">The process could not be made.</exception>
    public static LaunchedProcess Execute(Container container, Spec spec, Process process, LaunchStdio stdio, string? consoleSocket, string? pidFile, Action<string> warn)
    {
        ContainerRecord record = container.Record;
        string status = container.Status();
        if (status is not (ContainerStatus.Running or ContainerStatus.Created))
            throw new OciException($"container {record.Id} cannot execute a process: it is {status}");
        LaunchPlan plan = ExecPlanner.PlanExec(process, new ExecTarget
        {
            ContainerId = record.Id,
            Pid = record.Pid,
            StartTime = record.StartTime,
            Namespaces = spec.Linux?.Namespaces ?? [],
            UidMappings = spec.Linux?.UidMappings ?? [],
            Host = HostFacts.Detect(),
            Cgroup = container.Cgroup,
            Seccomp = spec.Linux?.Seccomp,
            Personality = spec.Linux?.Personality,
            MemoryPolicy = spec.Linux?.MemoryPolicy,
            IntelRdt = spec.Linux?.IntelRdt,
        });
        LaunchedProcess launched = PlanRunner.Launch(plan, stdio);
        try
        {
            launched.WaitRunning();
            using FileDescriptor? terminal = launched.TakeTerminal();
            if (terminal is not null)
                ConsoleSocket.Send(consoleSocket ?? throw new OciException("the process wants a terminal: give --console-socket"), terminal);
            if (pidFile is not null)
                ContainerCreation.WritePid(pidFile, launched.Pid);
            foreach (string warning in plan.Warnings.Concat(launched.Warnings))
                warn(warning);
            return launched;
        }
        catch
        {
            launched.Dispose();
            throw;
        }
    }
}
