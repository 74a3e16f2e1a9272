using System.Security.Cryptography;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Handlers;
using CriRuntime.CriServer.Monitors;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.Linux;
using CriRuntime.Oci.Specs;
using CriRuntime.Tracing;

namespace CriRuntime.CriServer.Containers;

/// <summary>Starts a further process in a running container: its own process, with another command.</summary>
public sealed class ExecLaunch(RuntimeState state, MonitorRegistry monitors, ContainerSpecs specs, BinaryContainers binaries, IContainerPlanner planner)
{
    private const int MaxArguments = 1 << 16;

    /// <summary>The container in which a command may be started.</summary>
    /// <exception cref="CriException">InvalidArgument; NotFound; FailedPrecondition unless it runs.</exception>
    public Container Find(string idOrPrefix, IReadOnlyList<string> command)
    {
        if (command.Count is 0 or > MaxArguments || command[0].Length == 0 || command.Any(word => word.Contains('\0')))
            throw CriException.InvalidArgument("cmd is empty, too long, or has a NUL in it");
        Container container = state.Containers.Get(idOrPrefix);
        if (container.Phase != ContainerPhase.Running)
            throw CriException.FailedPrecondition($"{container} is {container.Phase}, not Running: nothing can be executed in it");
        return container;
    }

    /// <summary>Returns when the command's program runs.</summary>
    /// <exception cref="Conmon.Protocol.MonitorException">The program could not be started.</exception>
    public async Task<IMonitorExec> StartAsync(Container container, IReadOnlyList<string> command, ExecStdio stdio, CancellationToken cancellationToken)
    {
        Spec spec = specs.Get(container);
        Process process = spec.Process! with { Args = command, Terminal = stdio.Terminal, ConsoleSize = null };
        string name = RandomNumberGenerator.GetHexString(16, lowercase: true);
        IMonitor monitor = monitors.Get(container.SandboxId);
        if (binaries.HandlerOf(container.SandboxId) is { } handler)
            return await StartAsync(handler, monitor, container, process, "exec-" + name, stdio, cancellationToken).ConfigureAwait(false);
        ExecPlan plan = planner.PlanExec(process, new ExecPlanInput(container.Id, name, container.Pid, container.CgroupPath, spec) { Timed = Spans.Recording });
        return await monitor.ExecAsync(new ExecStart(container.Id, plan, stdio), cancellationToken).ConfigureAwait(false);
    }

    private async Task<IMonitorExec> StartAsync(
        RuntimeHandler handler, IMonitor monitor, Container container, Process process, string name, ExecStdio stdio, CancellationToken cancellationToken)
    {
        try
        {
            ExecStart start = new(container.Id, binaries.PlanExec(handler, container, process, name), stdio);
            return await binaries.ExplainAsync(handler, container, name, () => monitor.ExecAsync(start, cancellationToken)).ConfigureAwait(false);
        }
        finally
        {
            binaries.ForgetExec(container, name);
        }
    }
}

/// <summary>
/// What a new process gets as its streams; null is /dev/null. The descriptors are duplicated into it, the caller closes its own.
/// With a terminal all three are null, and the terminal's master side comes back in <see cref="IMonitorExec.Terminal"/>.
/// </summary>
public sealed record ExecStdio(FileDescriptor? Stdin, FileDescriptor? Stdout, FileDescriptor? Stderr, bool Terminal = false)
{
    public static ExecStdio NewTerminal { get; } = new(null, null, null, Terminal: true);
}
