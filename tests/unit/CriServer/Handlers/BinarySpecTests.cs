using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Handlers;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Tests.Handlers;

public sealed class BinarySpecTests
{
    private static readonly RuntimeHandler s_handler = new("runc") { Path = "/usr/bin/runc" };
    private static readonly Dictionary<string, LinuxNetDevice> s_devices = new() { ["eth7"] = new() };

    [Fact]
    public void The_root_the_version_and_a_systemd_cgroup_are_said_in_the_binarys_terms()
    {
        Spec spec = Sound() with { OciVersion = "1.2.0", Linux = new LinuxSection { CgroupsPath = "/a.slice/a-b.slice/criruntime-0123.scope" } };
        Spec plain = BinarySpec.Translate(spec, s_handler, HandlerFeatures.None, "/mnt", "/bundle");
        Assert.Equal(("1.0.2", "/mnt", spec.Linux.CgroupsPath), (plain.OciVersion, plain.Root!.Path, plain.Linux!.CgroupsPath));
        Spec systemd = BinarySpec.Translate(spec, s_handler with { SystemdCgroup = true }, HandlerFeatures.None, "/mnt", "/bundle");
        Assert.Equal("a-b.slice:criruntime:0123", systemd.Linux!.CgroupsPath);
        Assert.Equal("", systemd.Annotations["run.oci.systemd.subgroup"]); // crun, too, is to use the scope itself
        Assert.Empty(plain.Annotations);
    }

    [Fact]
    public void What_only_the_built_in_runtime_can_is_refused_by_name()
    {
        Refused(CriErrorKind.InvalidArgument, "RAW", Sound() with { Process = new Process { Args = ["x"], Env = ["RAW=a\uDCFF"] } });
        Refused(CriErrorKind.FailedPrecondition, "recursive_read_only", With("rbind", "rro"));
        Refused(CriErrorKind.FailedPrecondition, "mapped ids", Sound() with { Mounts = [new Mount { Destination = "/m", UidMappings = [new IdMapping { Size = 1 }] }] });
        Refused(CriErrorKind.FailedPrecondition, "linux.memoryPolicy", With(linux => linux with { MemoryPolicy = new MemoryPolicy { Mode = "MPOL_BIND", Nodes = "0" } }));
        Refused(CriErrorKind.FailedPrecondition, "linux.intelRdt", With(linux => linux with { IntelRdt = new IntelRdt { ClosId = "gold" } }));
        Refused(CriErrorKind.FailedPrecondition, "linux.netDevices", With(linux => linux with { NetDevices = s_devices }));
        HandlerFeatures newest = HandlerFeatures.None with { MemoryPolicies = true, IntelRdt = true, NetDevices = true };
        Assert.NotNull(BinarySpec.Translate(With(linux => linux with { IntelRdt = new IntelRdt { ClosId = "gold" }, NetDevices = s_devices }), s_handler, newest, "/mnt", "/bundle"));
        Assert.NotNull(BinarySpec.Translate(With("rbind", "rro"), s_handler, new HandlerFeatures(true, false), "/mnt", "/bundle"));
        Assert.NotNull(BinarySpec.Translate(Sound() with { Process = new Process { Args = ["x"], Env = ["SMILE=\U0001F600"] } }, s_handler, HandlerFeatures.None, "/mnt", "/bundle"));
    }

    [Fact]
    public void Image_volumes_are_bound_from_where_they_lie_mounted_in_their_order()
    {
        Mount volume = new() { Destination = "/data/model", Type = "overlay", Source = "overlay", Options = ["ro", "nodev", "lowerdir=/l/1:/l/2", "X-mount.subdir=v1"] };
        Mount data = new() { Destination = "/data", Type = "bind", Source = "/srv", Options = ["rbind"] };
        Spec spec = Sound() with { Mounts = [data, volume, volume with { Destination = "/other" }] };
        Assert.Equal(["/data/model", "/other"], BinarySpec.Volumes(spec).Select(mount => mount.Destination));
        IReadOnlyList<Mount> mounts = BinarySpec.Translate(spec, s_handler, HandlerFeatures.None, "/mnt", "/bundle").Mounts;
        Assert.Equal(["/srv", "/bundle/volume-0", "/bundle/volume-1"], mounts.Select(mount => mount.Source));
        Assert.Equal(("bind", "/data/model"), (mounts[1].Type, mounts[1].Destination));
        Assert.Equal(["rbind", "ro", "nodev"], mounts[1].Options);
    }

    [Theory]
    [InlineData("rshared", "rshared", true)]
    [InlineData("rshared", "rslave", true)]
    [InlineData("rshared", "rprivate", false)]
    [InlineData("rslave", "rslave", false)]
    public void Volumes_that_propagate_are_bound_before_where_the_containers_mounts_reach_the_host(string root, string volume, bool before)
    {
        Spec spec = With("rbind", volume);
        spec = spec with { Linux = spec.Linux! with { RootfsPropagation = root } };
        Assert.Equal(before ? 1 : 0, BinarySpec.Volumes(spec).Count);
        Mount mount = Assert.Single(BinarySpec.Translate(spec, s_handler, HandlerFeatures.None, "/mnt", "/bundle").Mounts);
        Assert.Equal(before ? "/bundle/volume-0" : "", mount.Source ?? "");
        Assert.Contains(volume, mount.Options);
    }

    private static Spec Sound() => new() { Process = new Process { Args = ["x"] }, Linux = new LinuxSection { CgroupsPath = "/c" } };

    private static Spec With(Func<LinuxSection, LinuxSection> change) => Sound() with { Linux = change(Sound().Linux!) };

    private static Spec With(params string[] options) => Sound() with { Mounts = [new Mount { Destination = "/m", Options = options }] };

    private static void Refused(CriErrorKind kind, string words, Spec spec)
    {
        CriException refused = Assert.Throws<CriException>(() => BinarySpec.Translate(spec, s_handler, HandlerFeatures.None, "/mnt", "/bundle"));
        Assert.Equal(kind, refused.Kind);
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }
}
