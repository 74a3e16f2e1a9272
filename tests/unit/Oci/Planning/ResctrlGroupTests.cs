using CriRuntime.Linux;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Tests.Planning;

/// <summary>With a directory in resctrl's place, whose files are only those that a test makes.</summary>
public sealed class ResctrlGroupTests : IDisposable
{
    private readonly string _resctrl = Directory.CreateTempSubdirectory("oci-resctrl-").FullName;

    public void Dispose() => Directory.Delete(_resctrl, recursive: true);

    [Fact]
    public void Schemata_are_written_to_a_class_that_is_there_and_a_failed_launch_leaves_it()
    {
        string schemata = Path.Join(Directory.CreateDirectory(Path.Join(_resctrl, "gold")).FullName, "schemata");
        File.WriteAllText(schemata, "");
        using PlanImage image = Image(new IntelRdt { ClosId = "gold", Schemata = ["L3:0=f", "MB:0=50"] });
        Assert.Equal(Errno.None, image.Run(PlanSection.Before).Error);
        Assert.Equal("L3:0=f\nMB:0=50\n", File.ReadAllText(schemata));
        Assert.Equal(Errno.None, image.Run(PlanSection.Undo).Error);
        Assert.True(File.Exists(schemata));
    }

    [Fact]
    public void A_class_of_the_containers_own_that_takes_no_schemata_is_gone_after_the_launch_failed()
    {
        using PlanImage image = Image(new IntelRdt { Schemata = ["L3:0=f"] });
        Assert.Equal(Errno.ENOENT, image.Run(PlanSection.Before).Error); // the kernel would have put the file there
        Assert.True(Directory.Exists(Path.Join(_resctrl, "web")));
        Assert.Equal(Errno.None, image.Run(PlanSection.Undo).Error);
        Assert.Empty(Directory.GetFileSystemEntries(_resctrl));
    }

    [Fact]
    public void What_is_a_containers_own_goes_and_nothing_else()
    {
        foreach (string group in (string[])["info", "web", "mon_groups/web", "mon_groups/other", "gold/mon_groups/web", "gold/mon_groups/other", "silver"])
            Directory.CreateDirectory(Path.Join(_resctrl, group));
        ResctrlGroup.RemoveOwn("web", _resctrl);
        ResctrlGroup.RemoveOwn("web", _resctrl);
        string[] left = [.. Directory.GetDirectories(_resctrl, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_resctrl, path)).Order(StringComparer.Ordinal)];
        Assert.Equal(["gold", "gold/mon_groups", "gold/mon_groups/other", "info", "mon_groups", "mon_groups/other", "silver"], left);
    }

    [Fact]
    public void Without_resctrl_there_is_nothing_to_remove()
    {
        Directory.CreateDirectory(Path.Join(_resctrl, "web"));
        ResctrlGroup.RemoveOwn("web", _resctrl);
        Assert.True(Directory.Exists(Path.Join(_resctrl, "web")));
        ResctrlGroup.RemoveOwn("web", Path.Join(_resctrl, "nowhere"));
        ResctrlGroup.Remove([Path.Join(_resctrl, "nowhere")]);
    }

    private PlanImage Image(IntelRdt rdt)
    {
        PlanWriter plan = new("test");
        IntelRdtSteps.Create(plan, ResctrlGroup.Of(rdt, "web", _resctrl));
        return new PlanImage(plan.Finish().Bytes.Span);
    }
}
