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
    }).Bytes;

    public ReadOnlyMemory<byte> PlanContainer(Spec spec, ContainerPlanInput input) => LaunchPlanner.Plan(spec, new PlanOptions
    {
        ContainerId = input.ContainerId,
        Rootfs = new OverlayRootfs(input.LowerDirs, input.UpperDir, input.WorkDir, input.MountPoint),
        Host = host,
        Cgroup = CgroupPlacement.For(hierarchy, input.CgroupPath),
        StartGate = true,
        CompileSeccomp = SeccompProgramCache.Get,
    }).Bytes;

    public ReadOnlyMemory<byte> PlanExec(Process process, ExecPlanInput input) => ExecPlanner.PlanExec(process, new ExecTarget
    {
        ContainerId = input.ContainerId,
        Pid = input.Pid,
        Namespaces = input.Spec.Linux?.Namespaces ?? [],
        Host = host,
        Cgroup = CgroupPlacement.For(hierarchy, input.CgroupPath),
        Seccomp = input.Spec.Linux?.Seccomp,
        CompileSeccomp = SeccompProgramCache.Get,
        Personality = input.Spec.Linux?.Personality,
    }).Bytes;
}
