namespace CriRuntime.E2e.Harness;

/// <summary>One daemon with the handlers runc and crun, for the tests of both.</summary>
public sealed class HandlerDaemon : IAsyncLifetime
{
    private Daemon? _daemon;

    internal Daemon Daemon => _daemon ?? throw new InvalidOperationException("the daemon was not started");

    public async ValueTask InitializeAsync()
    {
        _daemon = await Daemon.StartAsync("handlers", daemon =>
        {
            Networks.Bridge(daemon);
            Binaries.Configure(daemon, Binaries.Both(daemon));
        });
        await _daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
    }

    public async ValueTask DisposeAsync() => await Daemon.DisposeAsync();
}
