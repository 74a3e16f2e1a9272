using CriRuntime.Conmon.Protocol;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>Turns specs into launch plans. Pure; all that it decides is in the plan.</summary>
public interface IContainerPlanner
{
    /// <summary>The pod's namespaces.</summary>
    ReadOnlyMemory<byte> PlanSandbox(SandboxPlanInput input);

    ReadOnlyMemory<byte> PlanContainer(Spec spec, ContainerPlanInput input);

    /// <summary>A container whose processes a program of the host restores.</summary>
    ReadOnlyMemory<byte> PlanRestore(Spec spec, ContainerPlanInput input, RestoringProgram program);

    /// <summary>A further process in a running container.</summary>
    ExecPlan PlanExec(Process process, ExecPlanInput input);
}

/// <param name="PinDirectory">Where the namespaces are pinned as <c>net</c>, <c>ipc</c>, <c>uts</c>, <c>user</c> and <c>pid</c>.</param>
/// <param name="Hostname">Set in the new UTS namespace; empty without one.</param>
/// <param name="UserNamespace">A new one that owns the others; null: the node's.</param>
public sealed record SandboxPlanInput(
    string PodId, string PinDirectory, bool NewNetwork, bool NewIpc, bool NewUts, bool SharedPid, string Hostname, IReadOnlyDictionary<string, string> Sysctls,
    UserNamespaceOptions? UserNamespace = null, string? MountLabel = null)
{
    /// <inheritdoc cref="PlanOptions.Timed"/>
    public bool Timed { get; init; }
}

/// <param name="LowerDirs">The image's layers, top first.</param>
/// <param name="MountPoint">An empty directory of the host that the root file system covers in the container's own mount namespace.</param>
/// <param name="Bundle">What hooks are told of; null for a container without hooks.</param>
public sealed record ContainerPlanInput(
    string ContainerId, IReadOnlyList<string> LowerDirs, string UpperDir, string WorkDir, string MountPoint, string CgroupPath, string? Bundle)
{
    /// <inheritdoc cref="PlanOptions.Timed"/>
    public bool Timed { get; init; }
}

/// <param name="CgroupDirectory">The cgroup that the plan makes for the process alone; empty where it has none (cgroup v1).</param>
public sealed record ExecPlan(ReadOnlyMemory<byte> Bytes, string CgroupDirectory)
{
    /// <summary>Another runtime's binary starts the process; null: the monitor clones it.</summary>
    public BinaryOptions? Binary { get; init; }
}

/// <param name="Name">Unique among the container's execs.</param>
/// <param name="Pid">The container's first process, in the host's pid namespace.</param>
/// <param name="Spec">The container's spec, whose namespaces and seccomp profile the new process gets.</param>
public sealed record ExecPlanInput(string ContainerId, string Name, int Pid, string CgroupPath, Spec Spec)
{
    /// <inheritdoc cref="PlanOptions.Timed"/>
    public bool Timed { get; init; }
}
