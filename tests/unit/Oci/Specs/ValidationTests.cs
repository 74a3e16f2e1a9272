using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Specs;

public sealed class ValidationTests
{
    private static readonly Spec Good = new()
    {
        OciVersion = "1.2.0",
        Root = new Root { Path = "rootfs" },
        Process = new Process { Args = ["sh"], Cwd = "/" },
        Linux = new LinuxSection { Namespaces = [new LinuxNamespace { Type = "pid" }] },
    };

    public static TheoryData<string, Spec> Bad => new()
    {
        { "ociVersion", Good with { OciVersion = null } },
        { "ociVersion", Good with { OciVersion = "2.0.0" } },
        { "root", Good with { Root = null } },
        { "root.path", Good with { Root = new Root { Path = "a\0b" } } },
        { "process.args", Good with { Process = new Process { Cwd = "/" } } },
        { "process.args[1]", Good with { Process = new Process { Args = ["a", "b\0c"], Cwd = "/" } } },
        { "process.cwd", Good with { Process = new Process { Args = ["a"], Cwd = "x" } } },
        { "process.cwd", Good with { Process = new Process { Args = ["a"] } } },
        { "process.env[0]", Good with { Process = new Process { Args = ["a"], Cwd = "/", Env = ["A=\0"] } } },
        { "process.user.uid", Good with { Process = new Process { Args = ["a"], Cwd = "/", User = new User { Uid = uint.MaxValue } } } },
        { "process.user.gid", Good with { Process = new Process { Args = ["a"], Cwd = "/", User = new User { Gid = uint.MaxValue } } } },
        { "process.user.additionalGids", Good with { Process = new Process { Args = ["a"], Cwd = "/", User = new User { AdditionalGids = [1, uint.MaxValue] } } } },
        { "process.oomScoreAdj", Good with { Process = new Process { Args = ["a"], Cwd = "/", OomScoreAdj = 1001 } } },
        { "process.rlimits[0].soft", Good with { Process = new Process { Args = ["a"], Cwd = "/", Rlimits = [new Rlimit { Type = "RLIMIT_CORE", Soft = 2, Hard = 1 }] } } },
        { "process.rlimits[1].type", Good with { Process = new Process { Args = ["a"], Cwd = "/", Rlimits = [new Rlimit { Type = "RLIMIT_CORE" }, new Rlimit { Type = "RLIMIT_CORE" }] } } },
        { "mounts[0].destination", Good with { Mounts = [new Mount { Destination = "proc" }] } },
        { "mounts[0].uidMappings", Good with { Mounts = [new Mount { Destination = "/p", UidMappings = [new IdMapping { Size = 1 }] }] } },
        { "hostname", Good with { Hostname = "h" } },
        { "hooks.poststop[0].timeout", Good with { Hooks = new Hooks { Poststop = [new Hook { Path = "/x", Timeout = 0 }] } } },
        { "hooks.prestart[0].path", Good with { Hooks = new Hooks { Prestart = [new Hook { Path = "x" }] } } },
        { "linux.namespaces[0].type", Linux(new LinuxSection { Namespaces = [new LinuxNamespace { Type = "net" }] }) },
        { "linux.namespaces[1].type", Linux(new LinuxSection { Namespaces = [new LinuxNamespace { Type = "pid" }, new LinuxNamespace { Type = "pid" }] }) },
        { "linux.namespaces[0].path", Linux(new LinuxSection { Namespaces = [new LinuxNamespace { Type = "pid", Path = "x" }] }) },
        { "linux.uidMappings", Linux(new LinuxSection { UidMappings = [new IdMapping { Size = 1 }] }) },
        { "linux.uidMappings[0].size", Linux(new LinuxSection { UidMappings = [new IdMapping { HostId = uint.MaxValue, Size = 2 }], Namespaces = [new LinuxNamespace { Type = "user" }] }) },
        { "linux.devices[0].type", Linux(new LinuxSection { Devices = [new LinuxDevice { Type = "x", Path = "/dev/x" }] }) },
        { "linux.maskedPaths[0]", Linux(new LinuxSection { MaskedPaths = ["proc"] }) },
        { "linux.sysctl[net/../kernel]", Linux(new LinuxSection { Sysctl = new Dictionary<string, string> { ["net/../kernel"] = "1" } }) },
        { "linux.rootfsPropagation", Linux(new LinuxSection { RootfsPropagation = "x" }) },
        { "linux.resources.memory.limit", Resources(new LinuxResources { Memory = new MemoryResources { Limit = -2 } }) },
        { "linux.resources.memory.swap", Resources(new LinuxResources { Memory = new MemoryResources { Limit = 2, Swap = 1 } }) },
        { "linux.resources.memory.swap", Resources(new LinuxResources { Memory = new MemoryResources { Swap = 1 } }) },
        { "linux.resources.cpu.cpus", Resources(new LinuxResources { Cpu = new CpuResources { Cpus = "0\n1" } }) },
        { "linux.resources.cpu.idle", Resources(new LinuxResources { Cpu = new CpuResources { Idle = 2 } }) },
        { "linux.resources.devices[0].access", Resources(new LinuxResources { Devices = [new DeviceRule { Access = "x" }] }) },
        { "linux.resources.hugepageLimits[0].pageSize", Resources(new LinuxResources { HugepageLimits = [new HugepageLimit { PageSize = "2MB/../x" }] }) },
        { "linux.resources.unified[../memory.max]", Resources(new LinuxResources { Unified = new Dictionary<string, string> { ["../memory.max"] = "1" } }) },
        { "linux.resources.unified[cgroup.procs]", Resources(new LinuxResources { Unified = new Dictionary<string, string> { ["cgroup.procs"] = "1" } }) },
        { "linux.resources.blockIO.weight", Resources(new LinuxResources { BlockIo = new BlockIoResources { Weight = 9 } }) },
    };

    [Fact]
    public void A_minimal_configuration_is_fine() => Validation.Check(Good);

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_bad_configuration_is_refused_with_the_field_s_name(string field, Spec spec)
    {
        var e = Assert.Throws<SpecException>(() => Validation.Check(spec));

        Assert.Equal(field, e.Field);
        Assert.StartsWith(field + ": ", e.Message, StringComparison.Ordinal);
    }

    private static Spec Linux(LinuxSection linux) => Good with { Linux = linux };

    private static Spec Resources(LinuxResources resources) => Linux(new LinuxSection { Resources = resources });
}
