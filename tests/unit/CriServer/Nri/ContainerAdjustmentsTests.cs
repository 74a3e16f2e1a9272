using CriRuntime.CriServer.Classes;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Nri;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.Nri.Api;
using CriRuntime.Oci.Specs;
using Container = CriRuntime.CriServer.Containers.Container;
using Hooks = CriRuntime.Oci.Specs.Hooks;
using LinuxDevice = CriRuntime.Oci.Specs.LinuxDevice;
using LinuxNamespace = CriRuntime.Oci.Specs.LinuxNamespace;
using LinuxResources = CriRuntime.Oci.Specs.LinuxResources;
using Mount = CriRuntime.Oci.Specs.Mount;

namespace CriRuntime.CriServer.Tests.Nri;

public sealed class ContainerAdjustmentsTests
{
    private static readonly NodeFacts s_node = new() { Capabilities = CapabilityNames.All, SwapAccounting = true, HugepageSizes = ["2MB"] };

    private readonly NodeClasses _classes = new(new BlockIoClasses("", _ => { }), new RdtClasses("/nonexistent"));

    private readonly Container _container = new()
    {
        Id = "c",
        SandboxId = "p",
        CgroupPath = "/pods/p/c",
        Config = Daemon.ContainerConfig() with { Resources = new ContainerResources { MemoryLimit = 100 << 20, MemorySwapLimit = 100 << 20, CpuShares = 100 } },
    };

    private readonly Spec _spec = new()
    {
        Annotations = new Dictionary<string, string> { ["keep"] = "1", ["drop"] = "2" },
        Mounts = [new Mount { Destination = "/proc" }, new Mount { Destination = "/a/b", Source = "/old" }, new Mount { Destination = "/a/c" }],
        Process = new Process { Args = ["sh"], Env = ["PATH=/bin", "A=1"], Rlimits = [new Rlimit { Type = "RLIMIT_CORE", Soft = 1, Hard = 1 }], OomScoreAdj = 10 },
        Linux = new LinuxSection
        {
            Namespaces = [new LinuxNamespace { Type = "pid" }, new LinuxNamespace { Type = "network", Path = "/net" }],
            Devices = [new LinuxDevice { Path = "/dev/old", Type = "c" }],
            Resources = new LinuxResources { Devices = [new DeviceRule { Allow = false, Access = "rwm" }] },
            Sysctl = new Dictionary<string, string> { ["a.b"] = "1" },
        },
    };

    [Fact]
    public void Nothing_wanted_changes_nothing()
    {
        (Container container, Spec spec) = Apply(new ContainerAdjustment { Linux = new LinuxContainerAdjustment() });
        Assert.Same(_container, container);
        Assert.Equal(System.Text.Encoding.UTF8.GetString(SpecJson.Write(_spec)), System.Text.Encoding.UTF8.GetString(SpecJson.Write(spec)));
    }

    [Fact]
    public void Process_annotations_and_hooks_become_what_plugins_want()
    {
        Spec spec = Apply(new ContainerAdjustment
        {
            Annotations = { ["-drop"] = "", ["new"] = "3" },
            Args = { "x", "y" },
            Env = { new KeyValue { Key = "-A" }, new KeyValue { Key = "PATH", Value = "/usr/bin" }, new KeyValue { Key = "B", Value = "2" } },
            Rlimits = { new POSIXRlimit { Type = "RLIMIT_CORE", Soft = 2, Hard = 3 } },
            Hooks = new CriRuntime.Nri.Api.Hooks { CreateRuntime = { new CriRuntime.Nri.Api.Hook { Path = "/hook", Args = { "hook", "1" }, Timeout = new OptionalInt { Value = 5 } } } },
            Linux = new LinuxContainerAdjustment
            {
                OomScoreAdj = new OptionalInt { Value = 500 },
                IoPriority = new LinuxIOPriority { Class = IOPrioClass.Be, Priority = 3 },
                Scheduler = new LinuxScheduler { Policy = LinuxSchedulerPolicy.SchedFifo, Priority = 7, Flags = { LinuxSchedulerFlag.SchedFlagResetOnFork } },
            },
        }).Spec;
        Assert.Equal(new Dictionary<string, string> { ["keep"] = "1", ["new"] = "3" }, spec.Annotations);
        Assert.Equal(["x", "y"], spec.Process!.Args);
        Assert.Equal(["PATH=/usr/bin", "B=2"], spec.Process.Env);
        Assert.Equal((2ul, 3ul), (Assert.Single(spec.Process.Rlimits).Soft, spec.Process.Rlimits[0].Hard));
        Assert.Equal((500, "IOPRIO_CLASS_BE", 3), (spec.Process.OomScoreAdj, spec.Process.IoPriority!.Class, spec.Process.IoPriority.Priority));
        Assert.Equal(("SCHED_FIFO", 7, "SCHED_FLAG_RESET_ON_FORK"), (spec.Process.Scheduler!.Policy, spec.Process.Scheduler.Priority, Assert.Single(spec.Process.Scheduler.Flags)));
        Hooks hooks = spec.Hooks!;
        Assert.Equal(("/hook", 5), (Assert.Single(hooks.CreateRuntime).Path, hooks.CreateRuntime[0].Timeout));
    }

    [Fact]
    public void Added_mounts_do_not_hide_deeper_ones()
    {
        Spec spec = Apply(new ContainerAdjustment
        {
            Mounts =
            {
                new CriRuntime.Nri.Api.Mount { Destination = "-/a/b" },
                new CriRuntime.Nri.Api.Mount { Destination = "/a/b", Source = "/new", Type = "bind", Options = { "ro" } },
                new CriRuntime.Nri.Api.Mount { Destination = "/a" },
                new CriRuntime.Nri.Api.Mount { Destination = "-/a/c" },
            },
        }).Spec;
        Assert.Equal(["/proc", "/a", "/a/b"], spec.Mounts.Select(mount => mount.Destination));
        Assert.Equal("/new", spec.Mounts[2].Source);
    }

    [Fact]
    public void Devices_namespaces_sysctls_and_seccomp_become_what_plugins_want()
    {
        Spec spec = Apply(new ContainerAdjustment
        {
            Linux = new LinuxContainerAdjustment
            {
                Devices = { new CriRuntime.Nri.Api.LinuxDevice { Path = "-/dev/old" }, new CriRuntime.Nri.Api.LinuxDevice { Path = "/dev/new", Type = "b", Major = 8, Minor = 1 } },
                Namespaces = { new CriRuntime.Nri.Api.LinuxNamespace { Type = "-pid" }, new CriRuntime.Nri.Api.LinuxNamespace { Type = "network", Path = "/other" } },
                Sysctl = { ["-a.b"] = "", ["c.d"] = "2" },
                NetDevices = { ["eth7"] = new CriRuntime.Nri.Api.LinuxNetDevice { Name = "net1" } },
                SeccompPolicy = new LinuxSeccomp
                {
                    DefaultAction = "SCMP_ACT_ALLOW",
                    Syscalls = { new LinuxSyscall { Names = { "mount" }, Action = "SCMP_ACT_ERRNO", Args = { new LinuxSeccompArg { Index = 1, Value = 2, Op = "SCMP_CMP_EQ" } } } },
                },
                MemoryPolicy = new LinuxMemoryPolicy { Mode = MpolMode.MpolBind, Nodes = "0-1", Flags = { MpolFlag.MpolFStaticNodes } },
                Rdt = new LinuxRdt { ClosId = new OptionalString { Value = "gold" } },
            },
        }).Spec;
        LinuxSection linux = spec.Linux!;
        Assert.Equal("/dev/new", Assert.Single(linux.Devices).Path);
        Assert.Equal(new DeviceRule { Allow = true, Type = "b", Major = 8, Minor = 1, Access = "rwm" }, linux.Resources!.Devices[^1]);
        Assert.Equal(("network", "/other"), (Assert.Single(linux.Namespaces).Type, linux.Namespaces[0].Path));
        Assert.Equal(new Dictionary<string, string> { ["c.d"] = "2" }, linux.Sysctl);
        Assert.Equal("net1", linux.NetDevices["eth7"].Name);
        Assert.Equal("mount", Assert.Single(Assert.Single(linux.Seccomp!.Syscalls).Names));
        Assert.Equal("gold", linux.IntelRdt!.ClosId);
        Assert.Equal(("MPOL_BIND", "0-1", "MPOL_F_STATIC_NODES"), (linux.MemoryPolicy!.Mode, linux.MemoryPolicy.Nodes, Assert.Single(linux.MemoryPolicy.Flags)));
    }

    [Fact]
    public void Resources_are_in_the_spec_and_in_what_the_container_reports()
    {
        (Container container, Spec spec) = Apply(Resources(new CriRuntime.Nri.Api.LinuxResources
        {
            Memory = new LinuxMemory { Limit = new OptionalInt64 { Value = 200 << 20 }, Reservation = new OptionalInt64 { Value = 50 << 20 } },
            Cpu = new LinuxCPU { Cpus = "0-1" },
            Pids = new LinuxPids { Limit = 33 },
        }));
        Assert.Equal((200L << 20, 100, "0-1"), (container.Resources.MemoryLimit, container.Resources.CpuShares, container.Resources.CpusetCpus));
        LinuxResources limits = spec.Linux!.Resources!;
        // The swap limit that meant "no swap" has gone along, or the kernel would refuse the larger limit.
        Assert.Equal((200L << 20, 200L << 20, 50L << 20), (limits.Memory!.Limit, limits.Memory.Swap, limits.Memory.Reservation));
        Assert.Equal((100ul, "0-1", 33), (limits.Cpu!.Shares, limits.Cpu.Cpus, limits.Pids!.Limit));
        Assert.Single(limits.Devices);
    }

    [Fact]
    public void Devices_by_CDI_are_looked_up_and_injected() =>
        Assert.Equal("v/c=d,v/c=e", Apply(new ContainerAdjustment { CdiDevices = { new CDIDevice { Name = "v/c=d" }, new CDIDevice { Name = "v/c=e" } } }).Spec.Hostname);

    [Fact]
    public void A_cgroup_of_the_plugins_choice_is_the_containers()
    {
        (Container container, Spec spec) = Apply(new ContainerAdjustment { Linux = new LinuxContainerAdjustment { CgroupsPath = "/special/c" } });
        Assert.Equal(("/special/c", "/special/c"), (container.CgroupPath, spec.Linux!.CgroupsPath));
    }

    public static TheoryData<string> Impossible => ["block I/O class", "RDT class", "cgroup"];

    [Theory]
    [MemberData(nameof(Impossible))]
    public void What_cannot_be_done_is_refused(string what)
    {
        ContainerAdjustment wanted = what switch
        {
            "block I/O class" => Resources(new CriRuntime.Nri.Api.LinuxResources { BlockioClass = new OptionalString { Value = "x" } }),
            "RDT class" => Resources(new CriRuntime.Nri.Api.LinuxResources { RdtClass = new OptionalString { Value = "x" } }),
            _ => new() { Linux = new LinuxContainerAdjustment { CgroupsPath = "../../x" } },
        };
        CriException e = Assert.Throws<CriException>(() => Apply(wanted));
        Assert.Contains(what, e.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Classes_of_a_plugins_choice_are_the_containers_and_empty_ones_mean_none()
    {
        using Daemon daemon = new();
        File.WriteAllText(daemon.BlockIoFile, "Classes: { calm: [{ Weight: 50 }] }");
        Directory.CreateDirectory(Path.Join(daemon.Base, "resctrl/gold"));
        foreach (string file in (string[])["schemata", "tasks", "gold/tasks"])
            File.WriteAllText(Path.Join(daemon.Base, "resctrl", file), "");
        ContainerAdjustment wanted = Resources(new CriRuntime.Nri.Api.LinuxResources { BlockioClass = new OptionalString { Value = "calm" }, RdtClass = new OptionalString { Value = "gold" } });
        (Container container, Spec spec) = ContainerAdjustments.Apply(_container, _spec, wanted, s_node, daemon.Classes, (s, _) => s);
        Assert.Equal(("calm", "gold"), (container.BlockIoClass, container.RdtClass));
        Assert.Equal(((ushort)50, "gold"), (spec.Linux!.Resources!.BlockIo!.Weight!.Value, spec.Linux.IntelRdt!.ClosId));
        CriRuntime.Nri.Api.LinuxContainer shown = ContainerMessages.Describe(container, spec).Linux;
        Assert.Equal(("calm", "gold", "gold"), (shown.Resources.BlockioClass.Value, shown.Resources.RdtClass.Value, shown.Rdt.ClosId.Value));

        ContainerAdjustment none = Resources(new CriRuntime.Nri.Api.LinuxResources { BlockioClass = new OptionalString(), RdtClass = new OptionalString() });
        (container, spec) = ContainerAdjustments.Apply(container, spec, none, s_node, daemon.Classes, (s, _) => s);
        Assert.Equal((null, null, null, null), (container.BlockIoClass, container.RdtClass, spec.Linux!.Resources!.BlockIo, spec.Linux.IntelRdt));
    }

    [Fact]
    public void What_plugins_are_shown_is_what_the_spec_says()
    {
        CriRuntime.Nri.Api.Container message = ContainerMessages.Describe(_container with { Phase = ContainerPhase.Running, Pid = 7 }, _spec);
        Assert.Equal(("c", "p", "app", CriRuntime.Nri.Api.ContainerState.ContainerRunning, 7u), (message.Id, message.PodSandboxId, message.Name, message.State, message.Pid));
        Assert.Equal(["PATH=/bin", "A=1"], message.Env);
        Assert.Equal(("/pods/p/c", 10), (message.Linux.CgroupsPath, message.Linux.OomScoreAdj.Value));
        Assert.Equal("2", message.Annotations["drop"]);
    }

    private (Container Container, Spec Spec) Apply(ContainerAdjustment wanted) => ContainerAdjustments.Apply(
        _container, _spec, wanted, s_node, _classes, (spec, names) => names.Count == 0 ? spec : spec with { Hostname = string.Join(',', names) });

    private static ContainerAdjustment Resources(CriRuntime.Nri.Api.LinuxResources resources) => new() { Linux = new LinuxContainerAdjustment { Resources = resources } };
}
