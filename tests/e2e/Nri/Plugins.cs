using CriRuntime.E2e.Harness;
using CriRuntime.Tests.NriPlugin;

namespace CriRuntime.E2e.Nri;

internal static class Plugins
{
    /// <summary>A plugin on the daemon's socket. Events come only to one that the daemon has in its list; its log says when.</summary>
    internal static async Task<FakePlugin> JoinAsync(Daemon daemon, string index, string name, Action<FakePlugin>? prepare = null)
    {
        await Wait.UntilAsync("the NRI socket", () => Task.FromResult(File.Exists(daemon.NriSocket)));
        FakePlugin plugin = await FakePlugin.ConnectAsync(daemon.NriSocket);
        prepare?.Invoke(plugin);
        await plugin.RegisterAsync(index, name);
        await Wait.UntilAsync("the plugin to join", () => Task.FromResult(
            daemon.LogText.Contains($"{index}-{name} is connected", StringComparison.Ordinal)));
        return plugin;
    }
}
