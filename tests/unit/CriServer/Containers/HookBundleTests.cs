using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.State;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Tests.Containers;

public sealed class HookBundleTests : IDisposable
{
    private readonly string _base = Directory.CreateTempSubdirectory("bundle").FullName;
    private readonly StateDirectories _directories;
    private readonly HookBundle _bundles;
    private readonly Container _container;

    public HookBundleTests()
    {
        _directories = new StateDirectories(Path.Combine(_base, "root"), Path.Combine(_base, "run"));
        _bundles = new HookBundle(_directories);
        _container = new Container { Id = "c", SandboxId = "p", Config = Fakes.Daemon.ContainerConfig() };
    }

    public void Dispose() => Directory.Delete(_base, true);

    [Fact]
    public void A_hook_finds_the_specification_and_the_root_file_system_by_its_bundle()
    {
        Hook hook = new() { Path = "/usr/bin/vendor-hook" };
        string bundle = _bundles.Make(_container, new Spec { Hostname = "h", Hooks = new Hooks { CreateContainer = [hook] } })!;
        Spec described = SpecJson.Load(Path.Combine(bundle, "config.json"));
        Assert.Equal("h", described.Hostname);
        Assert.Equal(_directories.RootfsMountPoint("p"), described.Root!.Path);
        _bundles.Remove(_container);
        Assert.False(Directory.Exists(bundle));
        _bundles.Remove(_container);
    }

    [Fact]
    public void Without_hooks_there_is_none()
    {
        Assert.Null(_bundles.Make(_container, new Spec()));
        Assert.Null(_bundles.Find(_container));
    }
}
