using CriRuntime.CriServer.Classes;
using CriRuntime.CriServer.Errors;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Tests.Classes;

public sealed class RdtClassesTests : IDisposable
{
    private readonly string _resctrl = Directory.CreateTempSubdirectory("criserver-resctrl-").FullName;

    public void Dispose() => Directory.Delete(_resctrl, recursive: true);

    [Theory]
    [InlineData("gold", "gold")]
    [InlineData("/", "/")]
    [InlineData("system/default", "/")]
    public void A_class_that_resctrl_has_is_joined(string name, string closId) => Assert.Equal(closId, Mounted().Resolve(name, "/x")!.ClosId);

    [Theory]
    [InlineData("/kubepods/besteffort/pod1/c", "BestEffort")]
    [InlineData("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/c.scope", "Burstable")]
    [InlineData("/kubepods/pod1/c", "Guaranteed")]
    public void A_reserved_name_means_the_class_of_the_pods_QoS(string cgroup, string closId)
    {
        Assert.Equal(closId, Mounted("BestEffort", "Burstable", "Guaranteed").Resolve("/PodQos", cgroup)!.ClosId);
        Assert.Null(Mounted().Resolve("/PODQOS", "/criruntime/p/c"));
    }

    [Fact]
    public void Pods_of_a_QoS_without_a_class_stay_where_everything_is() => Assert.Null(Mounted().Resolve("/PodQos", "/kubepods/pod1/c"));

    [Fact]
    public void An_unknown_class_is_refused_naming_it_and_those_that_are_there() =>
        Assert.Equal($"RDT class \"tin\" is not in {_resctrl}, which has gold, silver", Refused(Mounted("silver"), "tin", CriErrorKind.FailedPrecondition));

    [Theory]
    [InlineData("..")]
    [InlineData("../gold")]
    [InlineData("info")]
    [InlineData("mon_groups")]
    [InlineData("go\nld")]
    public void A_name_that_leaves_resctrl_or_is_the_kernels_is_refused(string name) =>
        Assert.Contains("is not the name of a class", Refused(Mounted(), name, CriErrorKind.InvalidArgument), StringComparison.Ordinal);

    [Fact]
    public void A_node_without_resctrl_says_so() =>
        Assert.Contains($"resctrl is not mounted at {_resctrl}", Refused(new RdtClasses(_resctrl), "gold", CriErrorKind.FailedPrecondition), StringComparison.Ordinal);

    [Fact]
    public void What_plugins_and_devices_put_into_a_spec_is_checked_too_and_may_make_a_class()
    {
        RdtClasses classes = Mounted();
        classes.Check(null);
        classes.Check(new IntelRdt { ClosId = "gold" });
        classes.Check(new IntelRdt { ClosId = "new", Schemata = ["L3:0=f"] });
        classes.Check(new IntelRdt { Schemata = ["L3:0=f"], EnableMonitoring = true });
        Assert.Contains("which has gold", Assert.Throws<CriException>(() => classes.Check(new IntelRdt { ClosId = "tin", EnableMonitoring = true })).Message, StringComparison.Ordinal);
        CriException e = Assert.Throws<CriException>(() => new RdtClasses("/nonexistent").Check(new IntelRdt { Schemata = ["L3:0=f"] }));
        Assert.Equal((CriErrorKind.FailedPrecondition, true), (e.Kind, e.Message.Contains("resctrl is not mounted", StringComparison.Ordinal)));
    }

    private static string Refused(RdtClasses classes, string name, CriErrorKind kind)
    {
        CriException e = Assert.Throws<CriException>(() => classes.Resolve(name, "/x"));
        Assert.Equal(kind, e.Kind);
        return e.Message;
    }

    private RdtClasses Mounted(params string[] further)
    {
        File.WriteAllText(Path.Join(_resctrl, "schemata"), "");
        File.WriteAllText(Path.Join(_resctrl, "tasks"), "");
        foreach (string name in (string[])["info", "mon_groups", "mon_data", "gold", .. further])
            File.WriteAllText(Path.Join(Directory.CreateDirectory(Path.Join(_resctrl, name)).FullName, "tasks"), "");
        return new RdtClasses(_resctrl);
    }
}
