using CriRuntime.Conmon.Protocol;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Handlers;

/// <summary>
/// Containers that another runtime's binary makes. The monitor runs it where it makes processes, so that those become the monitor's (create, start, exec); the daemon
/// runs it for the rest (update, delete). Signals, waits, logs and statistics need no binary.
/// </summary>
public sealed class BinaryContainers(
    RuntimeState state, RuntimeHandlers handlers, HostFacts host, CgroupHierarchy hierarchy, IContainerCgroups cgroups, ILogger<BinaryContainers> logger)
{
    /// <summary>The binary that makes a pod's containers; null: the built-in runtime does.</summary>
    public RuntimeHandler? HandlerOf(string podId) =>
        state.Pods.Current.GetValueOrDefault(podId)?.Runtime is { IsBuiltIn: false } handler ? handler : null;

    /// <summary>Writes the bundle. The root file system is mounted where only the binary and the container see it.</summary>
    /// <returns>What starts the binary.</returns>
    /// <exception cref="CriException">The handler can't give what the spec asks for.</exception>
    public async Task<BinaryPlan> PlanCreateAsync(RuntimeHandler handler, Container container, Spec spec, RootfsLayers layers)
    {
        string mountPoint = state.Directories.RootfsMountPoint(container.SandboxId);
        HandlerFeatures features = await handlers.FeaturesAsync(handler).ConfigureAwait(false);
        BinaryCommand command = Command(handler, container);
        Spec translated = BinarySpec.Translate(BinaryLimits.For(spec, hierarchy), handler, features, mountPoint, command.Bundle);
        StateDirectories.CreatePrivate(handler.Root);
        StateDirectories.CreatePrivate(command.Bundle);
        StateFile.Write(Path.Join(command.Bundle, "config.json"), SpecJson.Write(translated));
        ProgramStart program = new(Title(handler, "create", container), handler.Path, command.Create(container.Config.Tty), command.Bundle)
        {
            Mounts = new ProgramMounts(new OverlayRootfs(layers.LowerDirs, layers.UpperDir, layers.WorkDir, mountPoint), command.Bundle)
            {
                Volumes = BinarySpec.Volumes(spec),
                Propagation = spec.Linux?.RootfsPropagation ?? "",
                MountLabel = spec.Linux?.MountLabel,
            },
        };
        return new BinaryPlan(ProgramPlanner.PlanProgram(program, host).Bytes, Options(handler, command, BinaryCommand.Init));
    }

    public ReadOnlyMemory<byte> PlanStart(RuntimeHandler handler, Container container)
    {
        BinaryCommand command = Command(handler, container);
        return Plan(handler, "start", container, command.Start(), command.Bundle).Bytes;
    }

    /// <param name="handler">Whose binary does it.</param>
    /// <param name="container">It runs.</param>
    /// <param name="process">What is to be executed.</param>
    /// <param name="name">Unique among the container's execs.</param>
    public ExecPlan PlanExec(RuntimeHandler handler, Container container, Process process, string name)
    {
        BinaryCommand command = Command(handler, container);
        string file = Path.Join(command.Bundle, name + ".json");
        StateFile.Write(file, SpecJson.Write(process));
        LaunchPlan plan = Plan(handler, "exec", container, command.Exec(name, file, process.Terminal), command.Bundle);
        return new ExecPlan(plan.Bytes, "") { Binary = Options(handler, command, name) };
    }

    /// <summary>Does what has the monitor run the binary, and adds to a failure what the binary's log says.</summary>
    /// <param name="operation">Whose log: <see cref="BinaryCommand.Init"/>, <c>start</c>, or an exec's name.</param>
    public async Task<T> ExplainAsync<T>(RuntimeHandler handler, Container container, string operation, Func<Task<T>> action)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (MonitorException e) when (e.Kind == MonitorErrorKind.LaunchFailed)
        {
            if (BinaryMessage.Last(Command(handler, container).Log(operation)) is not { } message)
                throw;
            throw new MonitorException(e.Kind, $"{e.Message}: {message}");
        }
    }

    /// <summary>The files of an exec that has begun, or could not.</summary>
    public void ForgetExec(Container container, string name)
    {
        string bundle = state.Directories.Bundle(container.SandboxId, container.Id);
        if (!Directory.Exists(bundle))
            return;
        foreach (string file in Directory.EnumerateFiles(bundle, name + ".*"))
            File.Delete(file);
    }

    /// <summary>Those of the limits that a binary's container can have on this host.</summary>
    public LinuxResources Limits(LinuxResources limits) => BinaryLimits.For(limits, hierarchy);

    /// <summary>Tells the binary of limits that the cgroup has already.</summary>
    /// <exception cref="CriException">FailedPrecondition: it refuses them.</exception>
    public async Task UpdateAsync(RuntimeHandler handler, Container container, LinuxResources limits)
    {
        BinaryCommand command = Command(handler, container);
        try
        {
            await RunAsync(handler, command.Update(), SpecJson.Write(limits), command.Log("update")).ConfigureAwait(false);
        }
        catch (BinaryException e)
        {
            throw new CriException(CriErrorKind.FailedPrecondition, $"{container} keeps its limits: {handler}: {e.Message}", e);
        }
    }

    /// <summary>Leaves nothing of a container whose monitor has forgotten it: no process, and nothing that the binary knows of it. Fine when it was never made.</summary>
    public async Task DeleteAsync(Container container)
    {
        if (HandlerOf(container.SandboxId) is not { } handler)
            return;
        BinaryCommand command = Command(handler, container);
        if (!Directory.Exists(command.Bundle))
            return;
        // What a binary was killed over, or has left although it failed.
        await cgroups.KillAllAsync(container.CgroupPath, CancellationToken.None).ConfigureAwait(false);
        try
        {
            await RunAsync(handler, command.Delete(), default, command.Log("delete")).ConfigureAwait(false);
        }
        catch (BinaryException e)
        {
            HandlerLog.NotDeleted(logger, container.Id, e.Message);
        }

        string remains = Path.Join(handler.Root, container.Id);
        if (Directory.Exists(remains))
            Directory.Delete(remains, recursive: true);
    }

    private BinaryCommand Command(RuntimeHandler handler, Container container) =>
        new(handler, state.Directories.Bundle(container.SandboxId, container.Id), container.Id);

    private LaunchPlan Plan(RuntimeHandler handler, string verb, Container container, IReadOnlyList<string> arguments, string directory) =>
        ProgramPlanner.PlanProgram(new ProgramStart(Title(handler, verb, container), handler.Path, arguments, directory), host);

    private static string Title(RuntimeHandler handler, string verb, Container container) => $"{handler}: {verb} of container {container.Id}";

    private static BinaryOptions Options(RuntimeHandler handler, BinaryCommand command, string name) => new(command.Bundle, name, handler.TimeoutSeconds);

    private static async Task RunAsync(RuntimeHandler handler, IReadOnlyList<string> arguments, ReadOnlyMemory<byte> input, string log)
    {
        try
        {
            await BinaryProgram.RunAsync(handler.Path, arguments, input, TimeSpan.FromSeconds(handler.TimeoutSeconds)).ConfigureAwait(false);
        }
        catch (BinaryException e) when (BinaryMessage.Last(log) is { } message)
        {
            throw new BinaryException($"{e.Message}: {message}");
        }
    }
}

/// <summary>What the monitor needs to have a binary make a container.</summary>
public sealed record BinaryPlan(ReadOnlyMemory<byte> Plan, BinaryOptions Options);
