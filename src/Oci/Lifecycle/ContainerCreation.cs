using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Running;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Lifecycle;

/// <summary>What a creation is asked for.</summary>
public sealed record CreationRequest
{
    public required string Id { get; init; }

    /// <summary>The bundle directory, absolute.</summary>
    public required string Bundle { get; init; }

    /// <summary>The container waits for <c>start</c>.</summary>
    public required bool Gated { get; init; }

    /// <summary>A unix socket that takes the terminal's master.</summary>
    public string? ConsoleSocket { get; init; }

    /// <summary>A file that gets the pid in decimal.</summary>
    public string? PidFile { get; init; }

    public int PreservedDescriptors { get; init; }

    /// <summary>The cgroup is a scope of systemd's; else a directory by linux.cgroupsPath.</summary>
    public bool SystemdCgroup { get; init; }
}

/// <summary>A container and its process, just made.</summary>
public sealed record CreatedContainer(Container Container, LaunchedProcess Process) : IDisposable
{
    public void Dispose() => Process.Dispose();
}

/// <summary>create and run: from a bundle to a process that waits at its gate, or runs.</summary>
public sealed class ContainerCreation(ContainerStore store, Action<string> warn)
{
    /// <returns>The process, whose exit is the caller's to wait for or to leave to others.</returns>
    /// <exception cref="OciException">The name is in use or refused.</exception>
    /// <exception cref="LaunchException">The container could not be made; nothing is left of it.</exception>
    /// <exception cref="SpecException">Its configuration is wrong.</exception>
    public CreatedContainer Create(CreationRequest request, LaunchStdio stdio)
    {
        byte[] json = File.ReadAllBytes(Path.Combine(request.Bundle, "config.json"));
        Spec spec = SpecJson.Parse(json);
        CheckTerminal(spec, request);
        store.Reserve(request.Id, json);
        ContainerScope? scope = null;
        LaunchedProcess? process = null;
        try
        {
            scope = request.SystemdCgroup ? ContainerScope.For(spec, request.Id) : null;
            LaunchPlan plan = LaunchPlanner.Plan(spec, Options(spec, request, scope));
            CheckOwn(spec, request.Id);
            Tell(plan.Warnings);
            process = PlanRunner.Launch(plan, stdio);
            process.WaitReady();
            return new CreatedContainer(Complete(spec, request, scope, process), process);
        }
        catch
        {
            process?.Abandon();
            if (scope is { IsStarted: true })
                ContainerScope.Stop(scope.Unit, warn);
            process?.Dispose();
            store.Remove(request.Id);
            throw;
        }
    }

    /// <summary>The path that the container's cgroup gets when the specification names none.</summary>
    internal static string CgroupsPath(Spec spec, string id) =>
        string.IsNullOrEmpty(spec.Linux?.CgroupsPath) ? id : spec.Linux.CgroupsPath;

    private static void CheckTerminal(Spec spec, CreationRequest request)
    {
        bool terminal = spec.Process?.Terminal ?? false;
        if (terminal && request.ConsoleSocket is null)
            throw new OciException("process.terminal is set: give --console-socket, to which the terminal is sent");
        if (!terminal && request.ConsoleSocket is not null)
            throw new OciException("--console-socket is given, but process.terminal is not set");
    }

    /// <summary>What is the container's own is removed with it, also when it can't be made: it must be nobody else's.</summary>
    private static void CheckOwn(Spec spec, string id)
    {
        foreach (string directory in ResctrlGroup.Of(spec.Linux?.IntelRdt, id)?.Own ?? [])
        {
            if (Directory.Exists(directory))
                throw new OciException($"linux.intelRdt: {directory} exists already, and is not container {id}'s; give the container another name");
        }
    }

    private static string RootfsPath(Spec spec, string bundle) => Path.GetFullPath(spec.Root?.Path ?? "rootfs", bundle);

    /// <summary>A scope is started around a process that waits: systemd may take its time, and move it.</summary>
    private PlanOptions Options(Spec spec, CreationRequest request, ContainerScope? scope) => new()
    {
        ContainerId = request.Id,
        Rootfs = new DirectoryRootfs(RootfsPath(spec, request.Bundle)),
        Host = HostFacts.Detect(),
        Cgroup = scope?.Placement ?? CgroupPlacement.For(CgroupHierarchy.Detect(), CgroupsPath(spec, request.Id)),
        StartGate = request.Gated || scope is not null,
        GateFifo = request.Gated ? store.FifoOf(request.Id) : null,
        Bundle = request.Bundle,
        PreservedDescriptors = request.PreservedDescriptors,
    };

    private Container Complete(Spec spec, CreationRequest request, ContainerScope? scope, LaunchedProcess process)
    {
        scope?.Start(process.Pid);
        using (FileDescriptor? terminal = process.TakeTerminal())
        {
            if (terminal is not null)
                ConsoleSocket.Send(request.ConsoleSocket!, terminal);
        }
        Tell(process.Warnings);
        ContainerRecord record = new()
        {
            Id = request.Id,
            OciVersion = spec.OciVersion ?? "1.2.0",
            Pid = process.Pid,
            StartTime = HostFile.StartTime(process.Pid) ?? 0,
            Bundle = request.Bundle,
            Rootfs = RootfsPath(spec, request.Bundle),
            Created = DateTimeOffset.UtcNow,
            CgroupsPath = scope?.CgroupPath ?? CgroupsPath(spec, request.Id),
            Scope = scope?.Unit,
            ResctrlDirectories = ResctrlGroup.Of(spec.Linux?.IntelRdt, request.Id)?.Own ?? [],
            HasHooks = spec.Hooks is { } hooks && hooks.Poststart.Count + hooks.Poststop.Count > 0,
            Annotations = spec.Annotations.Count > 0 ? spec.Annotations : null,
        };
        store.Save(record);
        if (request.PidFile is not null)
            WritePid(request.PidFile, process.Pid);
        if (scope is not null && !request.Gated)
        {
            process.Release();
            process.WaitRunning();
        }
        return new Container(store, record);
    }

    internal static void WritePid(string path, int pid)
    {
        string temporary = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "." + Path.GetFileName(path));
        File.WriteAllText(temporary, $"{pid}");
        File.Move(temporary, path, overwrite: true);
    }

    private void Tell(IEnumerable<string> warnings)
    {
        foreach (string warning in warnings)
            warn(warning);
    }
}
