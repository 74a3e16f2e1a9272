using System.Text;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Services;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.Linux;
using CriRuntime.Oci.Specs;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Tests.Sandboxes;

/// <summary>Pods with a user namespace, from the request to the plan and the state file.</summary>
public sealed class UserNamespaceSandboxTests : IDisposable
{
    private static readonly UserNamespaceOptions Own = new(NamespaceMode.Pod, [new(0, 100_000, 65_536)], [new(0, 200_000, 65_536)]);

    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task The_pods_namespaces_files_and_shared_memory_are_its_roots()
    {
        string id = await _daemon.RunAsync(Config());
        Assert.Same(Own, Assert.Single(_daemon.Planner.Sandboxes).UserNamespace);
        using DirectoryFd pod = DirectoryFd.Open(_daemon.State.Directories.Pod(id));
        foreach (string file in (string[])[_daemon.State.Directories.Hosts(id), _daemon.State.Directories.ResolvConf(id), _daemon.State.Directories.Hostname(id)])
        {
            FileFacts facts = pod.TryStat(Encoding.UTF8.GetBytes(Path.GetFileName(file)))!.Value;
            Assert.Equal((100_000u, 200_000u), (facts.Uid, facts.Gid));
        }

        Assert.Equal((100_000u, 200_000u), _daemon.Mounts.Owner);
    }

    [Fact]
    public async Task A_host_that_cannot_says_so_in_status_and_in_the_refusal()
    {
        _daemon.UserNamespaceObstacle = "the kernel is too old";
        CriException refused = await Assert.ThrowsAsync<CriException>(() => _daemon.RunAsync(Config()));
        Assert.Equal(CriErrorKind.FailedPrecondition, refused.Kind);
        Assert.Contains("the kernel is too old", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_daemon.LeftInRun());
        await _daemon.RunAsync();
        Assert.False(await FlagAsync());
    }

    [Fact]
    public async Task A_host_that_can_says_so_in_status() => Assert.True(await FlagAsync());

    [Fact]
    public void What_is_written_is_read_again_and_files_of_earlier_programs_too()
    {
        PodSandbox pod = new() { Id = ObjectId.New(), Config = Config() };
        byte[] written = StateJson.Write(pod);
        Assert.Equal(Own.Uids, StateJson.ReadPod(written).Config.Namespaces.OwnUserNamespace!.Uids);
        string earlier = Encoding.UTF8.GetString(StateJson.Write(pod with { Config = Daemon.PodConfig() })).Replace("\"userNamespace\":null", "\"newUser\":false", StringComparison.Ordinal);
        Assert.Contains("newUser", earlier, StringComparison.Ordinal);
        Assert.Null(StateJson.ReadPod(Encoding.UTF8.GetBytes(earlier)).Config.Namespaces.UserNamespace);
    }

    [Fact]
    public void A_containers_spec_joins_the_namespace_with_the_pods_ids()
    {
        Spec spec = Build(Config());
        LinuxNamespace user = Assert.Single(spec.Linux!.Namespaces, n => n.Type == LinuxNamespaceType.User);
        Assert.EndsWith("/user", user.Path, StringComparison.Ordinal);
        Assert.Equal(100_000u, Assert.Single(spec.Linux.UidMappings).HostId);
        Assert.Equal(200_000u, Assert.Single(spec.Linux.GidMappings).HostId);
        Assert.Equal("sysfs", Assert.Single(spec.Mounts, m => m.Destination == "/sys").Type);
        Assert.Contains("gid=5", Assert.Single(spec.Mounts, m => m.Destination == "/dev/pts").Options);
    }

    [Fact]
    public void With_the_nodes_network_the_nodes_sysfs_is_bound_read_only()
    {
        Mount sys = Assert.Single(Build(Config(hostNetwork: true)).Mounts, m => m.Destination == "/sys");
        Assert.Equal("bind", sys.Type);
        Assert.Contains("ro", sys.Options);
        Assert.Contains("bind", sys.Options);
    }

    [Fact]
    public void A_namespace_without_the_group_of_terminals_gets_them_without_it()
    {
        UserNamespaceOptions small = new(NamespaceMode.Pod, [new(0, 1000, 3)], [new(0, 1000, 3)]);
        PodSandboxConfig config = Config();
        config = config with { Namespaces = config.Namespaces with { UserNamespace = small } };
        Assert.DoesNotContain("gid=5", Assert.Single(Build(config).Mounts, m => m.Destination == "/dev/pts").Options);
    }

    [Fact]
    public void Mappings_of_a_volume_are_in_the_spec()
    {
        ContainerMount volume = new() { ContainerPath = "/v", HostPath = "/h", IdMappings = new MountIdMappings(Own.Uids, Own.Gids) };
        Mount mount = Assert.Single(Build(Config(), Daemon.ContainerConfig() with { Mounts = [volume] }).Mounts, m => m.Destination == "/v");
        Assert.Equal((100_000u, 200_000u), (mount.UidMappings[0].HostId, mount.GidMappings[0].HostId));
    }

    private static PodSandboxConfig Config(bool hostNetwork = false)
    {
        PodSandboxConfig config = Daemon.PodConfig(hostNetwork: hostNetwork);
        return config with { Namespaces = config.Namespaces with { UserNamespace = Own } };
    }

    private Spec Build(PodSandboxConfig pod, ContainerConfig? container = null) => ContainerSpec.Build(new ContainerSpecInput
    {
        Container = container ?? Daemon.ContainerConfig(),
        Pod = new PodSandbox { Id = "pod1", Config = pod },
        Image = new ContainerImage { Id = "sha256:aa", Ref = "busybox", Entrypoint = ["/entry"] },
        User = ResolvedUser.Root,
        Paths = new PodPaths(_daemon.State.Directories, "pod1"),
        Node = _daemon.Node,
        CgroupPath = "/c",
    });

    private async Task<bool> FlagAsync()
    {
        RuntimeService service = _daemon.Service(null!);
        Cri.StatusResponse status = await service.Status(new Cri.StatusRequest(), new CallContext());
        Assert.Equal(status.Features.UserNamespacesHostNetwork, Assert.Single(status.RuntimeHandlers).Features.UserNamespaces);
        return status.Features.UserNamespacesHostNetwork;
    }
}
