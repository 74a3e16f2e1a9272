using CriRuntime.CriServer.Classes;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Nri;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Tests.Classes;

public sealed class ContainerClassesTests : IDisposable
{
    private const string OfPod = "blockio.resources.beta.kubernetes.io/pod";
    private const string OfApp = "blockio.resources.beta.kubernetes.io/container.app";
    private const string Own = "io.kubernetes.cri.blockio-class";

    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public void The_containers_annotation_counts_before_its_pods_for_it_and_that_before_the_one_for_all()
    {
        Assert.Null(Class([], []));
        Assert.Equal("p", Class([(OfPod, "p")], []));
        Assert.Equal("a", Class([(OfPod, "p"), (OfApp, "a")], []));
        Assert.Equal("c", Class([(OfPod, "p"), (OfApp, "a")], [(Own, "c")]));
        Assert.Null(Class([(OfPod, "p"), (OfApp, "")], []));
        Assert.Null(Class([("blockio.resources.beta.kubernetes.io/container.other", "o")], []));
        Assert.Equal("r", ContainerClasses.Rdt(Pod(("rdt.resources.beta.kubernetes.io/container.app", "r"), ("rdt.resources.beta.kubernetes.io/pod", "x")), Daemon.ContainerConfig()));
        Assert.Equal("s", ContainerClasses.Rdt(Pod(), Daemon.ContainerConfig() with { Annotations = new() { ["io.kubernetes.cri.rdt-class"] = "s" } }));
    }

    [Fact]
    public async Task A_container_of_an_annotated_pod_has_the_limits_and_the_RDT_class_in_its_spec_also_after_a_restart()
    {
        Prepare();
        string id = await CreateAsync(Pod((OfPod, "slow"), ("rdt.resources.beta.kubernetes.io/pod", "gold")));
        LinuxSection linux = Assert.Single(_daemon.Planner.Specs).Linux!;
        Assert.Equal(1000ul, Assert.Single(linux.Resources!.BlockIo!.ThrottleReadBpsDevice).Rate);
        Assert.Equal("gold", linux.IntelRdt!.ClosId);
        Container saved = StateJson.ReadContainer(StateJson.Write(_daemon.State.Containers.Get(id)));
        Assert.Equal(("slow", "gold"), (saved.BlockIoClass, saved.RdtClass));
    }

    [Theory]
    [InlineData("blockio.resources.beta.kubernetes.io/pod", "block I/O class \"tin\"")]
    [InlineData("rdt.resources.beta.kubernetes.io/container.app", "RDT class \"tin\"")]
    public async Task A_class_that_is_not_there_is_refused_and_nothing_is_left(string annotation, string named)
    {
        Prepare();
        CriException e = await Assert.ThrowsAsync<CriException>(() => CreateAsync(Pod((annotation, "tin"))));
        Assert.Equal(CriErrorKind.FailedPrecondition, e.Kind);
        Assert.Contains(named, e.Message, StringComparison.Ordinal);
        Assert.Empty(_daemon.State.Containers.Current);
        Assert.Empty(_daemon.Images.Snapshots);
    }

    [Fact]
    public async Task A_plugins_update_changes_the_class_of_a_running_container_and_lifts_what_the_former_limited()
    {
        Prepare();
        string id = await CreateAsync(Pod((OfPod, "slow")));
        await ApplyAsync(id, new WantedResources(new ContainerResources(), new LinuxResources()) { BlockIoClass = "other" });
        BlockIoResources written = Assert.Single(_daemon.Cgroups.Updates).BlockIo!;
        Assert.Equal([('a', 0ul), ('b', 2000ul)], written.ThrottleReadBpsDevice.Select(device => ((char)device.Minor, device.Rate)));
        Container container = _daemon.State.Containers.Get(id);
        Assert.Equal("other", container.BlockIoClass);
        Assert.Equal('b', (char)Assert.Single(_daemon.Specs.Get(container).Linux!.Resources!.BlockIo!.ThrottleReadBpsDevice).Minor);

        await ApplyAsync(id, new WantedResources(new ContainerResources(), new LinuxResources()) { BlockIoClass = "" });
        container = _daemon.State.Containers.Get(id);
        Assert.Equal((null, null), (container.BlockIoClass, _daemon.Specs.Get(container).Linux!.Resources!.BlockIo));
    }

    [Fact]
    public async Task An_update_that_names_no_class_or_an_unknown_one_changes_none()
    {
        Prepare();
        string id = await CreateAsync(Pod((OfPod, "slow")));
        await ApplyAsync(id, new WantedResources(new ContainerResources { CpuShares = 5 }, new LinuxResources()));
        Assert.Null(Assert.Single(_daemon.Cgroups.Updates).BlockIo);
        await Assert.ThrowsAsync<CriException>(() => ApplyAsync(id, new WantedResources(new ContainerResources(), new LinuxResources()) { BlockIoClass = "tin" }));
        Assert.Equal("slow", _daemon.State.Containers.Get(id).BlockIoClass);
        Assert.Single(_daemon.Specs.Get(_daemon.State.Containers.Get(id)).Linux!.Resources!.BlockIo!.ThrottleReadBpsDevice);
    }

    [Fact]
    public async Task The_RDT_class_of_a_container_that_is_there_stays()
    {
        Prepare();
        string id = await CreateAsync(Pod(("rdt.resources.beta.kubernetes.io/pod", "gold")));
        WantedResources wanted = new(new ContainerResources(), new LinuxResources());
        await ApplyAsync(id, wanted with { RdtClass = "gold" });
        CriException e = await Assert.ThrowsAsync<CriException>(() => ApplyAsync(id, wanted with { RdtClass = "/" }));
        Assert.Equal(CriErrorKind.FailedPrecondition, e.Kind);
    }

    [Theory]
    [InlineData("exit")]
    [InlineData("removal")]
    [InlineData("failure")]
    public async Task A_class_that_was_made_for_a_container_goes_with_it(string how)
    {
        Prepare();
        string pod = await _daemon.RunAsync();
        string? own = null;
        // What the launch would do.
        _daemon.Launcher.Launched.Single().Before["create"] = () =>
        {
            own = Directory.CreateDirectory(Path.Join(_daemon.Base, "resctrl", Assert.Single(_daemon.State.Containers.Current).Key)).FullName;
            return how == "failure" ? throw new IOException("broken") : Task.CompletedTask;
        };
        if (how == "failure")
        {
            await Assert.ThrowsAnyAsync<Exception>(() => _daemon.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), TestContext.Current.CancellationToken));
        }
        else
        {
            string id = await _daemon.Create.ExecuteAsync(pod, Daemon.ContainerConfig(), TestContext.Current.CancellationToken);
            Assert.True(Directory.Exists(own));
            if (how == "removal")
                await _daemon.Remove.ExecuteAsync(id, TestContext.Current.CancellationToken);
            else
                await _daemon.Stop.ExecuteAsync(id, 0, TestContext.Current.CancellationToken);
        }

        Assert.False(Directory.Exists(own));
    }

    private void Prepare()
    {
        File.WriteAllText(_daemon.BlockIoFile, "Classes: { slow: [{ Devices: [/dev/sda], ThrottleReadBps: 1k }], other: [{ Devices: [/dev/sdb], ThrottleReadBps: 2k }] }");
        string devices = Directory.CreateDirectory(Path.Join(_daemon.Base, "host/dev")).FullName;
        File.WriteAllText(Path.Join(devices, "sda"), "");
        File.WriteAllText(Path.Join(devices, "sdb"), "");
        string resctrl = Directory.CreateDirectory(Path.Join(_daemon.Base, "resctrl/gold")).FullName;
        File.WriteAllText(Path.Join(resctrl, "tasks"), "");
        Directory.CreateDirectory(Path.Join(_daemon.Base, "resctrl/info"));
        File.WriteAllText(Path.Join(_daemon.Base, "resctrl/schemata"), "");
        File.WriteAllText(Path.Join(_daemon.Base, "resctrl/tasks"), "");
    }

    private async Task<string> CreateAsync(PodSandboxConfig pod) =>
        await _daemon.Create.ExecuteAsync(await _daemon.RunAsync(pod), Daemon.ContainerConfig(), TestContext.Current.CancellationToken);

    private Task ApplyAsync(string id, WantedResources wanted) => _daemon.Update.ApplyAsync(id, wanted, TestContext.Current.CancellationToken);

    private static string? Class((string Key, string Value)[] pod, (string Key, string Value)[] container) => ContainerClasses.BlockIo(
        Pod(pod), Daemon.ContainerConfig() with { Annotations = Sorted(container) });

    private static PodSandboxConfig Pod(params (string Key, string Value)[] annotations) => Daemon.PodConfig() with { Annotations = Sorted(annotations) };

    private static SortedDictionary<string, string> Sorted((string Key, string Value)[] entries)
    {
        SortedDictionary<string, string> sorted = new(StringComparer.Ordinal);
        foreach ((string key, string value) in entries)
            sorted[key] = value;
        return sorted;
    }
}
