using System.Text;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Tests.Specs;

public sealed class ContainerSpecTests
{
    private static readonly StateDirectories Directories = new("/root-dir", "/run-dir");

    private ContainerConfig _config = Daemon.ContainerConfig();
    private PodSandbox _pod = new() { Id = "pod1", Config = Daemon.PodConfig(), Hostname = "web-host" };
    private ContainerImage _image = new() { Id = "sha256:aa", Ref = "busybox", Entrypoint = ["/entry"], Command = ["one", "two"] };
    private NodeFacts _node = new() { Capabilities = CapabilityNames.All, SwapAccounting = true, HugepageSizes = ["2MB"] };

    [Theory]
    [InlineData("", "", "/entry one two")]
    [InlineData("", "x", "/entry x")]
    [InlineData("/bin/sh", "", "/bin/sh")]
    [InlineData("/bin/sh", "-c ls", "/bin/sh -c ls")]
    public void Command_and_args_replace_the_images_as_kubernetes_says(string command, string args, string expected)
    {
        _config = _config with { Command = Words(command), Args = Words(args) };
        Assert.Equal(expected, string.Join(' ', Build().Process!.Args));
    }

    [Fact]
    public void Without_any_command_the_request_is_refused()
    {
        _image = _image with { Entrypoint = [], Command = [] };
        Assert.Equal(CriErrorKind.InvalidArgument, Assert.Throws<CriException>(Build).Kind);
    }

    [Fact]
    public void The_pods_environment_comes_over_the_images_and_defaults_are_there()
    {
        _image = _image with { Environment = ["PATH=/image", "A=image", "B=image", "broken", "=x"] };
        _config = _config with { Environment = [new EnvironmentVariable("A", "pod"u8.ToArray()), new EnvironmentVariable("EMPTY", [])], Tty = true };
        Assert.Equal(["PATH=/image", "TERM=xterm", "HOSTNAME=web-host", "HOME=/root", "A=pod", "B=image", "EMPTY="], Build().Process!.Env);
    }

    [Fact]
    public void Bytes_that_are_not_text_can_be_told_apart_from_all_text()
    {
        Assert.Equal("a\uDCFFb\uDC80é", SurrogateEscape.Decode([(byte)'a', 0xFF, (byte)'b', 0x80, 0xC3, 0xA9]));
        Assert.Equal("\uDCED\uDCA0\uDC80", SurrogateEscape.Decode([0xED, 0xA0, 0x80])); // a surrogate half in UTF-8 is not valid either
    }

    [Fact]
    public void The_working_directory_is_the_pods_else_the_images_else_the_root()
    {
        Assert.Equal("/", Build().Process!.Cwd);
        _image = _image with { WorkingDirectory = "srv" };
        Assert.Equal("/srv", Build().Process!.Cwd);
        _config = _config with { WorkingDirectory = "/data" };
        Assert.Equal("/data", Build().Process!.Cwd);
    }

    [Fact]
    public void Namespaces_are_the_pods_but_mounts_and_pids_are_its_own()
    {
        _config = _config with { Security = new ContainerSecurity { Namespaces = new NamespaceOptions { Pid = NamespaceMode.Container } } };
        Assert.Equal(
            ["mount", "network /run-dir/pods/pod1/ns/net", "uts /run-dir/pods/pod1/ns/uts", "ipc /run-dir/pods/pod1/ns/ipc", "pid"],
            Namespaces());
    }

    [Fact]
    public void With_everything_of_the_host_only_the_mount_namespace_is_its_own()
    {
        NamespaceOptions host = new() { Network = NamespaceMode.Node, Ipc = NamespaceMode.Node, Pid = NamespaceMode.Node };
        _pod = _pod with { Config = _pod.Config with { Namespaces = host } };
        _config = _config with { Security = new ContainerSecurity { Namespaces = host } };
        Assert.Equal(["mount"], Namespaces());
        Assert.Equal("/dev/shm", Build().Mounts.Single(m => m.Destination == "/dev/shm").Source);
    }

    [Fact]
    public void On_cgroup_v2_the_container_sees_its_own_cgroup_as_the_root_unless_privileged()
    {
        _node = _node with { CgroupV2 = true };
        Assert.Contains("cgroup", Namespaces());
        _config = _config with { Security = new ContainerSecurity { Privileged = true } };
        Assert.DoesNotContain("cgroup", Namespaces());
    }

    [Fact]
    public void Pids_can_be_the_pods_or_another_containers()
    {
        _config = _config with { Security = new ContainerSecurity { Namespaces = new NamespaceOptions { Pid = NamespaceMode.Pod } } };
        Assert.Contains("pid", Namespaces()); // the pod has none to share
        _pod = _pod with { Config = _pod.Config with { Namespaces = new NamespaceOptions { Pid = NamespaceMode.Pod } } };
        Assert.Contains("pid /run-dir/pods/pod1/ns/pid", Namespaces());
        _config = _config with { Security = new ContainerSecurity { Namespaces = new NamespaceOptions { Pid = NamespaceMode.Target, TargetId = "t" } } };
        Assert.Contains("pid /proc/77/ns/pid", Namespaces(target: "/proc/77/ns/pid"));
    }

    [Fact]
    public void Default_mounts_are_there_and_a_requested_one_takes_the_place_of_its_default()
    {
        string[] expected =
        [
            "/proc", "/dev", "/dev/pts", "/dev/mqueue", "/sys", "/sys/fs/cgroup", "/dev/shm", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf",
        ];
        Assert.Equal(expected, Build().Mounts.Select(m => m.Destination));
        _config = _config with { Mounts = [new ContainerMount { ContainerPath = "/etc/../etc/hosts", HostPath = "/kubelet/hosts" }] };
        Assert.Equal("/kubelet/hosts", Build().Mounts.Single(m => m.Destination == "/etc/hosts").Source);
    }

    [Fact]
    public void Sys_and_cgroups_are_read_only_unless_privileged()
    {
        Assert.All(Build().Mounts.Where(m => m.Destination.StartsWith("/sys", StringComparison.Ordinal)), m => Assert.Contains("ro", m.Options));
        _config = _config with { Security = new ContainerSecurity { Privileged = true } };
        Assert.All(Build().Mounts.Where(m => m.Destination.StartsWith("/sys", StringComparison.Ordinal)), m => Assert.Contains("rw", m.Options));
    }

    [Fact]
    public void Requested_mounts_say_how_and_come_in_order_of_depth()
    {
        _config = _config with
        {
            Mounts =
            [
                new ContainerMount { ContainerPath = "/a/b/c", HostPath = "/h1", ReadOnly = true, Options = ["noexec"] },
                new ContainerMount { ContainerPath = "a", HostPath = "/h2", ReadOnly = true, RecursiveReadOnly = true },
                new ContainerMount { ContainerPath = "/z/y", HostPath = "/h3", Propagation = MountPropagation.HostToContainer },
            ],
        };
        Spec spec = Build();
        Assert.Equal(
            ["/a: rbind,rprivate,rro", "/z/y: rbind,rslave,rw", "/a/b/c: rbind,rprivate,ro,noexec"],
            spec.Mounts.TakeLast(3).Select(m => $"{m.Destination}: {string.Join(',', m.Options)}"));
        Assert.Equal("rslave", spec.Linux!.RootfsPropagation);
    }

    [Fact]
    public void A_mount_target_with_dotdot_stays_inside()
    {
        _config = _config with { Mounts = [new ContainerMount { ContainerPath = "/../../../etc", HostPath = "/h" }] };
        Assert.Equal("/etc", Build().Mounts[^1].Destination);
    }

    [Fact]
    public void Capabilities_start_with_the_default_fourteen_and_never_inherit()
    {
        LinuxCapabilities capabilities = Build().Process!.Capabilities!;
        Assert.Equal(14, capabilities.Bounding.Count);
        Assert.Equal(capabilities.Bounding, capabilities.Permitted);
        Assert.Equal(capabilities.Bounding, capabilities.Effective);
        Assert.Empty(capabilities.Inheritable); // CVE-2022-27652
        Assert.Empty(capabilities.Ambient);
    }

    [Theory]
    [InlineData("", "ALL", "")]
    [InlineData("NET_ADMIN", "ALL", "CAP_NET_ADMIN")]
    [InlineData("cap_net_admin,SYS_TIME", "all", "CAP_NET_ADMIN,CAP_SYS_TIME")]
    public void Capabilities_are_added_and_dropped(string add, string drop, string expected)
    {
        _config = _config with
        {
            Security = new ContainerSecurity { AddCapabilities = add.Split(',', StringSplitOptions.RemoveEmptyEntries), DropCapabilities = [drop] },
        };
        Assert.Equal(expected, string.Join(',', Build().Process!.Capabilities!.Bounding));
    }

    [Fact]
    public void All_means_all_of_the_daemons_own()
    {
        _node = _node with { Capabilities = ["CAP_CHOWN", "CAP_KILL", "CAP_SYS_ADMIN"] };
        _config = _config with { Security = new ContainerSecurity { AddCapabilities = ["ALL"], DropCapabilities = ["KILL"] } };
        Assert.Equal(["CAP_CHOWN", "CAP_SYS_ADMIN"], Build().Process!.Capabilities!.Bounding);
        _config = _config with { Security = new ContainerSecurity { Privileged = true } };
        Assert.Equal(_node.Capabilities, Build().Process!.Capabilities!.Bounding);
    }

    // A set that is inherited would hand capabilities to any program that has them in its file (CVE-2022-27652).
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Added_capabilities_and_privilege_are_not_inherited(bool privileged)
    {
        _config = _config with { Security = new ContainerSecurity { Privileged = privileged, AddCapabilities = ["ALL"] } };
        Assert.Empty(Build().Process!.Capabilities!.Inheritable);
    }

    // CVE-2024-3154: annotations that the container's author chooses set properties of systemd units, hooks, mounts.
    [Fact]
    public void Annotations_and_labels_steer_nothing()
    {
        string plain = Encoding.UTF8.GetString(SpecJson.Write(Build()));
        SortedDictionary<string, string> hostile = new(StringComparer.Ordinal)
        {
            ["org.systemd.property.ExecStartPre"] = "[['/bin/sh', ['/bin/sh', '-c', 'id > /evil'], false]]",
            ["org.systemd.property.CollectMode"] = "'inactive-or-failed'",
            ["io.kubernetes.cri-o.userns-mode"] = "auto",
            ["io.kubernetes.cri-o.Devices"] = "/dev/mem:/dev/mem:rwm",
            ["io.kubernetes.cri-o.UnifiedCgroup.app"] = "memory.max=max",
            ["io.kubernetes.cri-o.umask"] = "0",
            ["io.kubernetes.cri-o.cgroup2-mount-hierarchy-rw"] = "true",
            ["io.kubernetes.cri.container-type"] = "sandbox",
            ["io.kubernetes.cri.sandbox-id"] = "another",
            ["io.container.manager"] = "evil",
            ["io.containers.trace-syscall"] = "/evil",
            ["run.oci.hooks.stdout"] = "/etc/passwd",
            ["run.oci.systemd.force_cgroup_v1"] = "/sys/fs/cgroup",
            ["run.oci.mount_context_type"] = "rootcontext",
            ["run.oci.handler"] = "krun",
            ["seccomp.security.alpha.kubernetes.io/pod"] = "unconfined",
            ["container.apparmor.security.beta.kubernetes.io/app"] = "unconfined",
        };
        _config = _config with { Annotations = hostile, Labels = hostile, ImageAnnotations = hostile };
        _pod = _pod with { Config = _pod.Config with { Annotations = hostile, Labels = hostile } };
        Assert.Equal(plain, Encoding.UTF8.GetString(SpecJson.Write(Build())));
    }

    [Theory]
    [InlineData("NET_ADMlN")]
    [InlineData("")]
    [InlineData("CAP_CAP_KILL")]
    public void An_unknown_capability_is_refused(string name)
    {
        _config = _config with { Security = new ContainerSecurity { AddCapabilities = [name] } };
        Assert.Equal(CriErrorKind.InvalidArgument, Assert.Throws<CriException>(Build).Kind);
    }

    [Fact]
    public void Ambient_capabilities_are_granted_too()
    {
        _config = _config with { Security = new ContainerSecurity { DropCapabilities = ["ALL"], AddAmbientCapabilities = ["NET_BIND_SERVICE"] } };
        LinuxCapabilities capabilities = Build().Process!.Capabilities!;
        Assert.Equal(["CAP_NET_BIND_SERVICE"], capabilities.Ambient);
        Assert.Equal(["CAP_NET_BIND_SERVICE"], capabilities.Permitted);
        Assert.Equal(["CAP_NET_BIND_SERVICE"], capabilities.Inheritable); // without it the kernel refuses the ambient one
    }

    [Fact]
    public void Resources_that_are_zero_are_left_alone_and_a_memory_limit_means_no_more_swap()
    {
        LinuxResources none = Build().Linux!.Resources!;
        Assert.Null(none.Cpu);
        Assert.Null(none.Memory);
        _config = _config with
        {
            Resources = new ContainerResources
            {
                CpuShares = 512,
                CpuQuota = 50000,
                CpuPeriod = 100000,
                CpusetCpus = "0",
                MemoryLimit = 1 << 20,
                HugepageLimits = [new("2MB", 5), new("1GB", 5)],
            },
        };
        LinuxResources resources = Build().Linux!.Resources!;
        Assert.Equal(new CpuResources { Shares = 512, Quota = 50000, Period = 100000, Cpus = "0" }, resources.Cpu);
        Assert.Equal(new MemoryResources { Limit = 1 << 20, Swap = 1 << 20 }, resources.Memory);
        Assert.Equal("2MB", Assert.Single(resources.HugepageLimits).PageSize);
    }

    [Fact]
    public void The_oom_score_is_not_lowered_beyond_the_daemons_without_the_capability()
    {
        _config = _config with { Resources = new ContainerResources { OomScoreAdj = -998 } };
        Assert.Equal(-998, Build().Process!.OomScoreAdj);
        _node = _node with { Capabilities = [], OwnOomScoreAdj = -5 };
        Assert.Equal(-5, Build().Process!.OomScoreAdj);
    }

    [Fact]
    public void Unified_settings_need_cgroup_v2()
    {
        _config = _config with { Resources = new ContainerResources { Unified = new() { ["memory.high"] = "1" } } };
        Assert.Equal(CriErrorKind.FailedPrecondition, Assert.Throws<CriException>(Build).Kind);
        _node = _node with { CgroupV2 = true };
        Assert.Equal("1", Build().Linux!.Resources!.Unified["memory.high"]);
    }

    [Fact]
    public void Kernel_paths_are_masked_by_default_by_request_and_never_when_privileged()
    {
        Assert.Contains("/proc/kcore", Build().Linux!.MaskedPaths);
        _config = _config with { Security = new ContainerSecurity { MaskedPaths = ["/x"], ReadonlyPaths = [] } };
        Assert.Equal(["/x"], Build().Linux!.MaskedPaths);
        Assert.Empty(Build().Linux!.ReadonlyPaths);
        _config = _config with { Security = new ContainerSecurity { Privileged = true, MaskedPaths = ["/x"] } };
        Assert.Empty(Build().Linux!.MaskedPaths);
    }

    [Fact]
    public void Devices_are_denied_but_for_the_usual_and_the_requested()
    {
        LinuxDevice fuse = new() { Type = "c", Path = "/dev/fuse", Major = 10, Minor = 229 };
        IReadOnlyList<DeviceRule> rules = Build(devices: [new ResolvedDevice(fuse, "rw")]).Linux!.Resources!.Devices;
        Assert.False(rules[0].Allow);
        Assert.Contains(new DeviceRule { Allow = true, Type = "c", Major = 1, Minor = 3, Access = "rwm" }, rules);
        Assert.Equal(new DeviceRule { Allow = true, Type = "c", Major = 10, Minor = 229, Access = "rw" }, rules[^1]);
    }

    [Fact]
    public void A_privileged_container_may_use_every_device()
    {
        _config = _config with { Security = new ContainerSecurity { Privileged = true } };
        Assert.Equal(new DeviceRule { Allow = true, Access = "rwm" }, Assert.Single(Build().Linux!.Resources!.Devices));
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private IEnumerable<string> Namespaces(string? target = null) =>
        Build(target).Linux!.Namespaces.Select(ns => ns.Path is null ? ns.Type : $"{ns.Type} {ns.Path}");

    private Spec Build() => Build(null);

    private Spec Build(string? target = null, IReadOnlyList<ResolvedDevice>? devices = null) => ContainerSpec.Build(new ContainerSpecInput
    {
        Container = _config,
        Pod = _pod,
        Image = _image,
        User = ResolvedUser.Root,
        Paths = new PodPaths(Directories, _pod.Id),
        Node = _node,
        CgroupPath = "/pod/c",
        TargetPidNamespace = target,
        Devices = devices ?? [],
    });
}
