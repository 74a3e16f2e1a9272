using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Planning;

public sealed class OverlayMountTests
{
    private static readonly HostFacts OldKernel = HostFacts.Complete with { Kernel = new Version(5, 15) };

    [Fact]
    public void Layers_are_given_one_by_one_from_the_top_and_the_mount_is_read_only_from_birth()
    {
        LaunchPlan plan = Plan("ro", "nodev", "lowerdir=/l/2:/l/1");
        int[] places =
        [
            plan.IndexOf("Child: FsOpen", "\"overlay\""),
            plan.IndexOf("FsSetString", "\"lowerdir+\" \"/l/2\""),
            plan.IndexOf("FsSetString", "\"lowerdir+\" \"/l/1\""),
            plan.IndexOf("FsMount", "value=0x5"),
            plan.IndexOf("MakeTarget", "\"mnt/volume\""),
        ];
        Assert.Equal(places.Order(), places);
        Assert.DoesNotContain(plan.Lines(), static l => l.Contains("upperdir", StringComparison.Ordinal) || l.Contains("\"lowerdir\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Colons_commas_and_backslashes_of_a_path_do_not_part_it()
    {
        string value = OptionPaths.Join([@"/a:b,c\d", "/e"]);
        Assert.Equal([@"/a:b,c\d", "/e"], OptionPaths.Split(value));
        LaunchPlan plan = Plan("ro", "lowerdir=" + value);
        plan.IndexOf("FsSetString", "\"lowerdir+\"", @"/a:b,c\d");
        plan.IndexOf("FsSetString", "\"lowerdir+\" \"/e\"");
    }

    [Fact]
    public void A_sub_path_is_looked_up_with_the_file_system_as_its_root_while_that_covers_the_new_root()
    {
        LaunchPlan plan = Plan("ro", "lowerdir=/l/2:/l/1", "X-mount.subdir=etc/conf");
        int[] places =
        [
            plan.IndexOf("FsMount", "value=0x1"),
            plan.IndexOf("MoveMount", "\"/images/web\"", "slot=3"),
            plan.IndexOf("OpenInRoot", "\"etc/conf\"", "number=0x200000", "value=0x12"), // O_PATH; RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS
            plan.IndexOf("OpenTree", "\"\"", "number=0x1001"), // OPEN_TREE_CLONE, AT_EMPTY_PATH
            plan.IndexOf("Unmount", "\"/images/web\"", "number=0x2"),
            plan.IndexOf("MakeTarget", "\"mnt/volume\"", "number=0x2"), // a file onto a file
        ];
        Assert.Equal(places.Order(), places);
    }

    [Theory]
    [InlineData("/etc")]
    [InlineData("..")]
    [InlineData("a/../../b")]
    [InlineData("")]
    public void A_sub_path_that_climbs_or_is_absolute_is_refused(string path) =>
        Assert.Equal("mounts", Assert.Throws<SpecException>(() => Plan("lowerdir=/l", "X-mount.subdir=" + path)).Field);

    [Fact]
    public void A_bind_mount_takes_no_sub_path() =>
        Assert.Throws<SpecException>(static () => TestPlans.Plan(static s => s.WithMount("bind", "/a", "/b", "bind", "X-mount.subdir=c")));

    [Fact]
    public void An_overlay_without_layers_is_refused() => Assert.Throws<SpecException>(static () => Plan("ro"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_older_kernel_mounts_one_string_over_the_new_root_and_takes_a_copy(bool withSubPath)
    {
        LaunchPlan plan = Plan(OldKernel, ["ro", "lowerdir=/l/2:/l/1", .. withSubPath ? (string[])["X-mount.subdir=etc"] : []]);
        List<int> places = [plan.IndexOf("MountLegacy \"/images/web\" \"overlay\"", "blob=\"lowerdir=/l/2:/l/1\"")];
        if (withSubPath)
            places.Add(plan.IndexOf("OpenInRoot", "\"etc\""));
        places.Add(plan.IndexOf("OpenTree", "\"\"", "number=0x1001"));
        places.Add(plan.IndexOf("Unmount", "\"/images/web\""));
        places.Add(plan.IndexOf("MakeTarget", "\"mnt/volume\""));
        places.Add(plan.IndexOf("SetMountAttributes", "blob=0100000000000000"));
        Assert.Equal(places.Order(), places);
    }

    private static LaunchPlan Plan(params string[] options) => Plan(HostFacts.Complete, options);

    private static LaunchPlan Plan(HostFacts host, string[] options) =>
        TestPlans.Plan(s => s.WithMount("overlay", "overlay", "/mnt/volume", options), o => o with { Host = host });
}
