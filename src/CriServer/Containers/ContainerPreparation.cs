using System.Diagnostics;
using System.Text;
using CriRuntime.CriServer.Classes;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Lsm;
using CriRuntime.CriServer.Observability;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.Specs.Users;
using CriRuntime.CriServer.State;
using CriRuntime.Linux;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Containers;

/// <summary>Looks up on the host and in the image what a container's spec needs, and has the spec built.</summary>
public sealed class ContainerPreparation(RuntimeState state, NodeFacts node, SecurityProfiles profiles, AppArmorProfiles appArmor, Selinux selinux, CdiDevices cdi, NodeClasses classes, Telemetry telemetry)
{
    /// <summary>A gigabyte of /etc/passwd must not become a gigabyte of the daemon's memory.</summary>
    private const int MaxAccountFile = 1 << 20;

    /// <exception cref="CriException">InvalidArgument for a user that the image does not have.</exception>
    public static ResolvedUser ResolveUser(ContainerConfig config, ContainerImage image, IReadOnlyList<string> layers)
    {
        LayeredRootfs rootfs = new(layers);
        try
        {
            string passwd = Encoding.UTF8.GetString(rootfs.TryRead("/etc/passwd", MaxAccountFile) ?? []);
            string group = Encoding.UTF8.GetString(rootfs.TryRead("/etc/group", MaxAccountFile) ?? []);
            return UserResolver.Resolve(config.Security, image.User, passwd, group);
        }
        catch (InvalidDataException e)
        {
            throw new CriException(CriErrorKind.InvalidArgument, $"image {image.Ref}: {e.Message}", e);
        }
    }

    /// <summary>The writable layer's root, which is the container's, gets the owner that it has in the image, as the host knows it: the layers below are mapped, this one is not.</summary>
    public static void GiveRoot(RootfsLayers rootfs, UserNamespaceOptions userNamespace)
    {
        using DirectoryFd upper = DirectoryFd.Open(rootfs.UpperDir);
        FileFacts facts = upper.TryStat([])!.Value;
        upper.SetOwner([], userNamespace.HostUser(facts.Uid) ?? userNamespace.HostUser(0)!.Value, userNamespace.HostGroup(facts.Gid) ?? userNamespace.HostGroup(0)!.Value);
    }

    /// <summary>Before anything is made: what the node's security modules will be told.</summary>
    /// <exception cref="CriException">FailedPrecondition or InvalidArgument: the request names what they do not have.</exception>
    public async Task<LsmContext> ConfineAsync(PodSandbox pod, ContainerConfig config)
    {
        string? profile = await appArmor.ResolveAsync(config.Security).ConfigureAwait(false);
        (string? process, string? files) = selinux.Of(pod, config.Security);
        if (files is not null)
        {
            foreach (ContainerMount mount in config.Mounts.Where(mount => mount.SelinuxRelabel))
                SelinuxRelabel.Check(mount.HostPath);
        }

        return new LsmContext(profile, process, files);
    }

    /// <param name="volumes">The layers of the images that are volumes, top first, by the image's name in the request.</param>
    /// <exception cref="CriException">Naming what of the request can't be done on this host.</exception>
    public Spec BuildSpec(
        Container container, PodSandbox pod, ContainerImage image, IReadOnlyDictionary<string, IReadOnlyList<string>> volumes, LsmContext lsm)
    {
        ImageVolumes.CheckSubPaths(container.Config.Mounts, volumes);
        ContainerConfig config = container.Config with { Mounts = MountSources.Resolve(container.Config.Mounts) };
        if (lsm.FilesLabel is { } label)
            Relabel(config.Mounts, label);
        ContainerSpecInput input = new()
        {
            Container = config,
            Pod = pod,
            Image = image,
            User = container.User,
            Paths = new PodPaths(state.Directories, pod.Id),
            Node = node,
            CgroupPath = container.CgroupPath,
            Lsm = lsm,
            ImageVolumes = volumes,
            Devices = HostDevices.Resolve(config, pod.Runtime is { PrivilegedWithoutHostDevices: true }),
            TargetPidNamespace = TargetPidNamespace(config, pod),
        };
        Spec spec = classes.Apply(container, cdi.Inject(ContainerSpec.Build(input), CdiDevices.Requested(config)));
        Seccomp? seccomp = profiles.Seccomp(config.Security, spec.Process!.Capabilities!.Bounding);
        return seccomp is null ? spec : spec with { Linux = spec.Linux! with { Seccomp = seccomp } };
    }

    /// <summary>The last look at a spec, when plugins have had theirs.</summary>
    /// <exception cref="CriException">FailedPrecondition naming what this node does not have.</exception>
    public void CheckClasses(Spec spec) => classes.Check(spec);

    private void Relabel(IReadOnlyList<ContainerMount> mounts, string label)
    {
        foreach (ContainerMount mount in mounts.Where(mount => mount is { SelinuxRelabel: true, ImageVolume: null }))
        {
            long began = Stopwatch.GetTimestamp();
            try
            {
                SelinuxRelabel.Apply(mount.HostPath, label);
                telemetry.Relabelled(succeeded: true, Stopwatch.GetElapsedTime(began));
            }
            catch (LinuxException e)
            {
                telemetry.Relabelled(succeeded: false, Stopwatch.GetElapsedTime(began));
                throw new CriException(
                    CriErrorKind.FailedPrecondition, $"config.mounts of {mount.ContainerPath}: selinux_relabel of {mount.HostPath} failed: {e.Message}", e);
            }
        }
    }

    private string? TargetPidNamespace(ContainerConfig config, PodSandbox pod)
    {
        if (config.Security.Namespaces.Pid != NamespaceMode.Target)
            return null;
        Container target = state.Containers.Get(config.Security.Namespaces.TargetId);
        if (target.SandboxId != pod.Id)
            throw CriException.InvalidArgument($"namespace_options.target_id: {target} is in another pod");
        if (target.Phase != ContainerPhase.Running)
            throw CriException.FailedPrecondition($"namespace_options.target_id: {target} is {target.Phase}, not Running");
        return $"/proc/{target.Pid}/ns/pid";
    }
}
