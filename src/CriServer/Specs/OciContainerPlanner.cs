using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.SeccompFilters;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>The planners of the OCI room, given what they need to know of this host.</summary>
public sealed class OciContainerPlanner(HostFacts host, CgroupHierarchy hierarchy) : IContainerPlanner
{
    public ReadOnlyMemory<byte> PlanSandbox(SandboxPlanInput input) => SandboxPlanner.PlanSandbox(new SandboxNamespaces
    {
        PodId = input.PodId,
        PinDirectory = input.PinDirectory,
        Host = host,
        Network = input.NewNetwork,
        Ipc = input.NewIpc,
        Uts = input.NewUts,
        Pid = input.SharedPid,
        Hostname = input.Hostname.Length > 0 ? input.Hostname : null,
        Sysctls = input.Sysctls,
        MountLabel = input.MountLabel,
        Timed = input.Timed,
        UidMappings = IdMappings.ToOci(input.UserNamespace?.Uids),
        GidMappings = IdMappings.ToOci(input.UserNamespace?.Gids),
    }).Bytes;

    public ReadOnlyMemory<byte> PlanContainer(Spec spec, ContainerPlanInput input) => LaunchPlanner.Plan(spec, Options(input)).Bytes;

    public ReadOnlyMemory<byte> PlanRestore(Spec spec, ContainerPlanInput input, RestoringProgram program) =>
        RestorePlanner.PlanRestore(spec, Options(input), program).Bytes;

    private PlanOptions Options(ContainerPlanInput input) => new()
    {
        ContainerId = input.ContainerId,
        Rootfs = new OverlayRootfs(input.LowerDirs, input.UpperDir, input.WorkDir, input.MountPoint),
        Host = host,
        Cgroup = CgroupPlacement.For(hierarchy, input.CgroupPath),
        Bundle = input.Bundle,
        StartGate = true,
        Timed = input.Timed,
        CompileSeccomp = SeccompProgramCache.Get,
    };

    public ExecPlan PlanExec(Process process, ExecPlanInput input)
    {
        CgroupPlacement placement = CgroupPlacement.For(hierarchy, input.CgroupPath);
        LaunchPlan plan = ExecPlanner.PlanExec(process, new ExecTarget
        {
            ContainerId = input.ContainerId,
            Pid = input.Pid,
            Namespaces = input.Spec.Linux?.Namespaces ?? [],
            UidMappings = input.Spec.Linux?.UidMappings ?? [],
            Host = host,
            Cgroup = placement,
            ExecCgroup = input.Name,
            Timed = input.Timed,
            Seccomp = input.Spec.Linux?.Seccomp,
            CompileSeccomp = SeccompProgramCache.Get,
            Personality = input.Spec.Linux?.Personality,
            MemoryPolicy = input.Spec.Linux?.MemoryPolicy,
            IntelRdt = input.Spec.Linux?.IntelRdt,
        });
        return new ExecPlan(plan.Bytes, placement.Exec(input.Name)?.Path ?? "");
    }
}
