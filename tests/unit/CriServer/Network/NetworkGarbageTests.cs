using CriRuntime.Cni;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace CriRuntime.CriServer.Tests.Network;

public sealed class NetworkGarbageTests : IDisposable
{
    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task Pods_and_what_is_owed_are_kept_and_all_else_is_garbage()
    {
        string pod = await _daemon.RunAsync();
        string owed = new('a', 64);
        _daemon.Owed.Write(_daemon.State.Pods.Get(pod) with { Id = owed });
        await Garbage().CollectAsync(CancellationToken.None);
        Assert.Equal([.. new[] { owed, pod }.Order(StringComparer.Ordinal)], _daemon.Network.Kept!.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_plugin_that_cannot_collect_harms_nothing()
    {
        _daemon.Network.CollectFails = new CniException(CniFailure.PluginMissing, "the plugin is missing");
        await Garbage().CollectAsync(CancellationToken.None);
        Assert.NotNull(_daemon.Network.Kept);
    }

    private NetworkGarbage Garbage() => new(_daemon.Network, _daemon.State, _daemon.Owed, NullLogger<NetworkGarbage>.Instance);
}
