using System.Collections.Concurrent;
using System.Net.Sockets;
using CriRuntime.Nri.Api;
using CriRuntime.Nri.Plugins;
using CriRuntime.Tests.NriPlugin;
using Microsoft.Extensions.Logging;

namespace CriRuntime.Nri.Tests.Plugins;

/// <summary>A host with a socket of its own and a runtime that remembers.</summary>
internal sealed class HostFixture : INriRuntime, ILogger<PluginHost>, IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("nri-").FullName;

    internal HostFixture(Func<PluginHostOptions, PluginHostOptions>? change = null)
    {
        PluginHostOptions options = new()
        {
            RuntimeVersion = "1.2.3",
            SocketPath = Socket,
            PluginDirectory = Path.Join(_directory, "plugins"),
            ConfigDirectory = Path.Join(_directory, "conf.d"),
            RequestTimeout = TimeSpan.FromSeconds(20),
            RegistrationTimeout = TimeSpan.FromSeconds(20),
        };
        Host = new PluginHost(change?.Invoke(options) ?? options, this, this);
    }

    internal string Socket => Path.Join(_directory, "run", "nri.sock");

    internal string PluginDirectory => Path.Join(_directory, "plugins");

    internal PluginHost Host { get; }

    internal ConcurrentQueue<string> Log { get; } = [];

    internal List<PodSandbox> Pods { get; } = [];

    internal List<Container> Containers { get; } = [];

    internal ConcurrentQueue<(string Plugin, ContainerUpdate Update)> Updates { get; } = [];

    internal ConcurrentQueue<ContainerEviction> Evictions { get; } = [];

    internal static PodSandbox Pod => new() { Id = "pod1", Name = "web" };

    internal static Container NewContainer => new() { Id = "ctr1", Name = "app", PodSandboxId = "pod1", Args = { "sh" }, Env = { "A=1" } };

    /// <summary>A plugin that is synchronized.</summary>
    internal async Task<FakePlugin> JoinAsync(string index, string name, Action<FakePlugin>? prepare = null)
    {
        FakePlugin plugin = await FakePlugin.ConnectAsync(Socket);
        prepare?.Invoke(plugin);
        await plugin.RegisterAsync(index, name);
        await UntilAsync(() => Host.Plugins.Any(p => p.Name == $"{index}-{name}"));
        return plugin;
    }

    internal async Task<NetworkStream> ConnectAsync()
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket));
        return new NetworkStream(socket, ownsSocket: true);
    }

    internal static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        while (!condition())
            await Task.Delay(5, limit.Token);
    }

    internal Task LoggedAsync(string text) => UntilAsync(() => Log.Any(line => line.Contains(text, StringComparison.Ordinal)));

    public (IReadOnlyList<PodSandbox> Pods, IReadOnlyList<Container> Containers) Describe() => (Pods, Containers);

    public Task<IReadOnlyList<ContainerUpdate>> UpdateAsync(string plugin, IReadOnlyList<ContainerUpdate> updates, CancellationToken cancellationToken)
    {
        foreach (ContainerUpdate update in updates)
            Updates.Enqueue((plugin, update));
        return Task.FromResult<IReadOnlyList<ContainerUpdate>>([.. updates.Where(update => update.ContainerId == "stuck")]);
    }

    public Task EvictAsync(string plugin, IReadOnlyList<ContainerEviction> evictions, CancellationToken cancellationToken)
    {
        foreach (ContainerEviction eviction in evictions)
            Evictions.Enqueue(eviction);
        return Task.CompletedTask;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Log.Enqueue(formatter(state, exception));

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
