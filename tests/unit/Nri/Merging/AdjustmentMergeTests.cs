using CriRuntime.Nri.Api;
using CriRuntime.Nri.Merging;

namespace CriRuntime.Nri.Tests.Merging;

public sealed class AdjustmentMergeTests
{
    private readonly Container _container = new()
    {
        Id = "c",
        Args = { "sh" },
        Env = { "A=1", "B=2" },
        Annotations = { ["old"] = "1" },
        Mounts = { new Mount { Destination = "/data", Source = "/a" } },
        Linux = new LinuxContainer { Devices = { new LinuxDevice { Path = "/dev/x" } }, Namespaces = { new LinuxNamespace { Type = "network" } } },
    };

    [Fact]
    public void Entries_are_added_changed_and_removed_for_the_next_plugin_and_in_the_outcome()
    {
        AdjustmentMerge merge = new(_container);
        Apply(merge, "10-a", new ContainerAdjustment
        {
            Env = { Variable("-A"), Variable("B", "3"), Variable("C", "4") },
            Mounts = { new Mount { Destination = "-/data" }, new Mount { Destination = "/data", Source = "/b" }, new Mount { Destination = "/more" } },
            Annotations = { ["-old"] = "", ["new"] = "x" },
            Linux = new LinuxContainerAdjustment { Devices = { new LinuxDevice { Path = "-/dev/x" } }, Namespaces = { new LinuxNamespace { Type = "-network" } } },
        });
        Assert.Equal(["B=3", "C=4"], _container.Env);
        Assert.Equal(["/b", ""], _container.Mounts.Select(mount => mount.Source));
        Assert.Equal(["new"], _container.Annotations.Keys);
        Assert.Empty(_container.Linux.Devices);
        Assert.Empty(_container.Linux.Namespaces);
        ContainerAdjustment outcome = merge.Decision.Adjustment;
        Assert.Equal(["-A", "B", "C"], outcome.Env.Select(variable => variable.Key));
        Assert.Equal(["-/data", "/data", "/more"], outcome.Mounts.Select(mount => mount.Destination));
        Assert.Equal(["-/dev/x"], outcome.Linux.Devices.Select(device => device.Path));
    }

    [Fact]
    public void What_one_plugin_has_set_another_may_set_after_removing_it()
    {
        AdjustmentMerge merge = new(_container);
        Apply(merge, "10-a", new ContainerAdjustment { Env = { Variable("X", "1") }, Mounts = { new Mount { Destination = "/m", Source = "/1" } } });
        Apply(merge, "20-b", new ContainerAdjustment
        {
            Env = { Variable("-X"), Variable("X", "2") },
            Mounts = { new Mount { Destination = "-/m" }, new Mount { Destination = "/m", Source = "/2" } },
        });
        Assert.Equal("2", Assert.Single(merge.Decision.Adjustment.Env, variable => variable.Key == "X").Value);
        Assert.Equal("/2", Assert.Single(merge.Decision.Adjustment.Mounts, mount => mount.Destination == "/m").Source);
        NriException e = Assert.Throws<NriException>(() => Apply(merge, "30-c", new ContainerAdjustment { Env = { Variable("X", "3") } }));
        Assert.Equal("NRI plugins 20-b and 30-c both set Env \"X\" of the container", e.Message);
    }

    public static TheoryData<string> Conflicts => [.. s_conflicts.Keys];

    private static readonly Dictionary<string, ContainerAdjustment> s_conflicts = new()
    {
        ["Annotations"] = new() { Annotations = { ["k"] = "v" } },
        ["Mounts"] = new() { Mounts = { new Mount { Destination = "/m" } } },
        ["Env"] = new() { Env = { Variable("K") } },
        ["Args"] = new() { Args = { "x" } },
        ["Rlimits"] = new() { Rlimits = { new POSIXRlimit { Type = "RLIMIT_NOFILE" } } },
        ["CdiDevices"] = new() { CdiDevices = { new CDIDevice { Name = "v/c=d" } } },
        ["Devices"] = Linux(l => l.Devices.Add(new LinuxDevice { Path = "/dev/y" })),
        ["Namespace"] = Linux(l => l.Namespaces.Add(new LinuxNamespace { Type = "network", Path = "/n" })),
        ["Sysctl"] = Linux(l => l.Sysctl["kernel.x"] = "1"),
        ["NetDevices"] = Linux(l => l.NetDevices["eth5"] = new LinuxNetDevice { Name = "eth0" }),
        ["CgroupsPath"] = Linux(l => l.CgroupsPath = "/x"),
        ["OomScoreAdj"] = Linux(l => l.OomScoreAdj = new OptionalInt { Value = 0 }),
        ["IoPriority"] = Linux(l => l.IoPriority = new LinuxIOPriority()),
        ["SeccompPolicy"] = Linux(l => l.SeccompPolicy = new LinuxSeccomp()),
        ["Scheduler"] = Linux(l => l.Scheduler = new LinuxScheduler()),
        ["MemoryPolicy"] = Linux(l => l.MemoryPolicy = new LinuxMemoryPolicy()),
        ["RdtClosId"] = Linux(l => l.Rdt = new LinuxRdt { ClosId = new OptionalString { Value = "c" } }),
        ["RdtSchemata"] = Linux(l => l.Rdt = new LinuxRdt { Schemata = new OptionalRepeatedString() }),
        ["RdtMonitoring"] = Linux(l => l.Rdt = new LinuxRdt { EnableMonitoring = new OptionalBool() }),
        ["MemLimit"] = Resources(r => r.Memory = new LinuxMemory { Limit = new OptionalInt64 { Value = 1 } }),
        ["MemSwappiness"] = Resources(r => r.Memory = new LinuxMemory { Swappiness = new OptionalUInt64() }),
        ["CpuShares"] = Resources(r => r.Cpu = new LinuxCPU { Shares = new OptionalUInt64 { Value = 2 } }),
        ["CpusetCpus"] = Resources(r => r.Cpu = new LinuxCPU { Cpus = "0" }),
        ["HugepageLimits"] = Resources(r => r.HugepageLimits.Add(new HugepageLimit { PageSize = "2MB" })),
        ["CgroupsUnified"] = Resources(r => r.Unified["memory.high"] = "1"),
        ["PidsLimit"] = Resources(r => r.Pids = new LinuxPids { Limit = 1 }),
        ["BlockioClass"] = Resources(r => r.BlockioClass = new OptionalString()),
        ["RdtClass"] = Resources(r => r.RdtClass = new OptionalString()),
    };

    [Theory]
    [MemberData(nameof(Conflicts))]
    public void Two_plugins_that_set_the_same_are_both_named(string field)
    {
        AdjustmentMerge merge = new(_container);
        Apply(merge, "10-a", s_conflicts[field].Clone());
        NriException e = Assert.Throws<NriException>(() => Apply(merge, "20-b", s_conflicts[field].Clone()));
        Assert.Contains($"10-a and 20-b both set {field}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hooks_add_up_and_all_their_owners_are_known()
    {
        AdjustmentMerge merge = new(_container);
        Apply(merge, "10-a", new ContainerAdjustment { Hooks = new Hooks { CreateRuntime = { new Hook { Path = "/1" } } } });
        Apply(merge, "20-b", new ContainerAdjustment { Hooks = new Hooks { CreateRuntime = { new Hook { Path = "/2" } } } });
        Assert.Equal(["/1", "/2"], merge.Decision.Adjustment.Hooks.CreateRuntime.Select(hook => hook.Path));
        Assert.Equal("10-a,20-b", merge.Decision.Owners.Owners["c"].Simple[(int)Field.OciHooks]);
    }

    [Fact]
    public void Args_behind_an_empty_one_replace_those_of_another_plugin()
    {
        AdjustmentMerge merge = new(_container);
        Apply(merge, "10-a", new ContainerAdjustment { Args = { "a" } });
        Apply(merge, "20-b", new ContainerAdjustment { Args = { "", "b", "c" } });
        Assert.Equal(["b", "c"], merge.Decision.Adjustment.Args);
        Assert.Equal(["b", "c"], _container.Args);
    }

    [Fact]
    public void A_limit_of_zero_is_a_limit()
    {
        AdjustmentMerge merge = new(_container);
        Apply(merge, "10-a", Resources(r => r.Memory = new LinuxMemory { Swap = new OptionalInt64 { Value = 0 } }));
        Assert.NotNull(merge.Decision.Adjustment.Linux.Resources.Memory.Swap);
    }

    [Fact]
    public void Updates_of_others_are_merged_and_contradictions_that_may_be_ignored_are()
    {
        AdjustmentMerge merge = new(_container);
        merge.Apply("10-a", new CreateContainerResponse { Update = { Update("other", 1) }, Evict = { new ContainerEviction { ContainerId = "e" } } });
        ContainerUpdate second = Update("other", 2);
        second.IgnoreFailure = true;
        merge.Apply("20-b", new CreateContainerResponse { Update = { second } });
        ContainerUpdate update = Assert.Single(merge.Decision.Updates);
        Assert.Equal(1, update.Linux.Resources.Memory.Limit.Value);
        Assert.False(update.IgnoreFailure);
        Assert.Single(merge.Decision.Evictions);
        Assert.Throws<NriException>(() => merge.Apply("30-c", new CreateContainerResponse { Update = { Update("other", 3) } }));
    }

    [Fact]
    public void The_container_that_is_being_made_is_adjusted_and_not_updated()
    {
        AdjustmentMerge merge = new(_container);
        NriException e = Assert.Throws<NriException>(() => merge.Apply("10-a", new CreateContainerResponse { Update = { Update("c", 1) } }));
        Assert.Contains("10-a", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_update_of_the_container_itself_changes_the_request()
    {
        UpdateMerge merge = new(new FieldOwnership(), "c", new LinuxResources { Cpu = new LinuxCPU { Cpus = "0-3" } });
        merge.Apply("10-a", [Update("c", 5), Update("d", 6)]);
        Assert.Equal(("0-3", 5), (merge.Own!.Cpu.Cpus, merge.Own.Memory.Limit.Value));
        Assert.Equal("d", Assert.Single(merge.Others).ContainerId);
    }

    private static void Apply(AdjustmentMerge merge, string plugin, ContainerAdjustment adjust) =>
        merge.Apply(plugin, new CreateContainerResponse { Adjust = adjust });

    private static KeyValue Variable(string key, string value = "") => new() { Key = key, Value = value };

    private static ContainerUpdate Update(string id, long limit) => new()
    {
        ContainerId = id,
        Linux = new LinuxContainerUpdate { Resources = new LinuxResources { Memory = new LinuxMemory { Limit = new OptionalInt64 { Value = limit } } } },
    };

    private static ContainerAdjustment Linux(Action<LinuxContainerAdjustment> set)
    {
        LinuxContainerAdjustment linux = new();
        set(linux);
        return new ContainerAdjustment { Linux = linux };
    }

    private static ContainerAdjustment Resources(Action<LinuxResources> set)
    {
        LinuxResources resources = new();
        set(resources);
        return Linux(l => l.Resources = resources);
    }
}
