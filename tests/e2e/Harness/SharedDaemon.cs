namespace CriRuntime.E2e.Harness;

/// <summary>One daemon with the bridge network and the busybox image, for all tests that need no daemon of their own.</summary>
public sealed class SharedDaemon : IAsyncLifetime
{
    private Daemon? _daemon;

    internal Daemon Daemon => _daemon ?? throw new InvalidOperationException("the daemon was not started");

    public async ValueTask InitializeAsync()
    {
        _daemon = await Daemon.StartAsync("shared", Networks.Bridge);
        await _daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
    }

    public async ValueTask DisposeAsync() => await Daemon.DisposeAsync();
}

/// <summary>Tests in this collection share a daemon and run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class SharedDaemonCollection : ICollectionFixture<SharedDaemon>
{
    public const string Name = "shared daemon";
}
