using System.Net.Sockets;
using CriRuntime.Linux;
using CriRuntime.Nri.Api;
using CriRuntime.Nri.Ttrpc;
using CriRuntime.Nri.Validation;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace CriRuntime.Nri.Plugins;

/// <summary>
/// All plugins: those that it starts, and those that connect. Whatever a plugin does wrong ends that plugin, with one line in the log that names it.
/// Work that plugins have a say in is done in a turn (<see cref="EnterAsync"/>): meanwhile none joins.
/// </summary>
public sealed class PluginHost(PluginHostOptions options, INriRuntime runtime, ILogger<PluginHost> logger) : IAsyncDisposable
{
    /// <summary>Connections that have not registered yet.</summary>
    private const int MaxUnregistered = 32;

    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(1);

    private readonly SynchronizationGate _gate = new();
    private readonly Lock _change = new();
    private readonly CancellationTokenSource _stopping = new();
    private Plugin[] _plugins = [];
    private PluginSocket? _socket;
    private int _unregistered;
    private int _joining;

    /// <summary>No plugin is there or about to see the state: what has been published by now need not be told.</summary>
    public bool IsQuiet => Volatile.Read(ref _joining) == 0 && Plugins.Length == 0;

    internal DefaultValidator? Validator { get; } = options.DefaultValidator is { } rules ? new DefaultValidator(rules) : null;

    internal Plugin[] Plugins => Volatile.Read(ref _plugins);

    /// <summary>Starts the installed plugins and waits until they are synchronized or given up; then lets others connect.</summary>
    public async Task StartAsync()
    {
        IReadOnlyList<PluginProgram> programs = PluginProgram.Find(
            options.PluginDirectory, options.ConfigDirectory, (file, reason) => NriLog.NotStarted(logger, file, reason));
        await Task.WhenAll(programs.Select(LaunchAsync)).ConfigureAwait(false);
        if (options.SocketPath is null)
            return;
        try
        {
            _socket = PluginSocket.Listen(options.SocketPath);
        }
        catch (NriException e)
        {
            NriLog.NotListening(logger, e.Message);
            return;
        }

        NriLog.Listening(logger, options.SocketPath);
        _ = AcceptAsync(_socket);
    }

    /// <summary>Begins a turn: the plugins that are there, and nobody joins until it is disposed. Nobody may begin one inside of another.</summary>
    public async ValueTask<PluginTurn> EnterAsync()
    {
        await _gate.EnterAsync().ConfigureAwait(false);
        return new PluginTurn(this, Plugins);
    }

    /// <summary>Says goodbye to all plugins and ends those that it has started.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        _socket?.Dispose();
        await Task.WhenAll(Plugins.Select(plugin => plugin.ShutdownAsync(s_goodbye))).ConfigureAwait(false);
    }

    internal void Leave() => _gate.Leave();

    private async Task LaunchAsync(PluginProgram program)
    {
        PluginProcess process;
        try
        {
            process = PluginProcess.Start(program.Path, program.Identity);
        }
        catch (Exception e) when (e is LinuxException or SocketException)
        {
            NriLog.NotStarted(logger, program.Path, e.Message);
            return;
        }

        await AdmitAsync(new Registration(process.Trunk, program.Identity, options, runtime), program.Configuration, process).ConfigureAwait(false);
    }

    private async Task AcceptAsync(PluginSocket socket)
    {
        while (await socket.AcceptAsync(_stopping.Token).ConfigureAwait(false) is { } connection)
        {
            if (Volatile.Read(ref _unregistered) >= MaxUnregistered)
            {
                NriLog.TooMany(logger, MaxUnregistered);
                connection.Dispose();
                continue;
            }

            Interlocked.Increment(ref _unregistered);
            _ = AdmitConnectedAsync(new NetworkStream(connection, ownsSocket: true));
        }
    }

    private async Task AdmitConnectedAsync(Stream trunk)
    {
        try
        {
            await AdmitAsync(new Registration(trunk, given: null, options, runtime), "", process: null).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _unregistered);
        }
    }

    /// <summary>Ends with the plugin in the list, or with a reason in the log.</summary>
    internal async Task AdmitAsync(Registration registration, string configuration, PluginProcess? process)
    {
        try
        {
            Plugin plugin = await registration.RunAsync(configuration).ConfigureAwait(false);
            await JoinAsync(plugin, registration).ConfigureAwait(false);
            _ = WatchAsync(plugin, process);
        }
        catch (Exception e) when (e is NriException or ConnectionLostException or TtrpcException or OversizeException or InvalidProtocolBufferException)
        {
            NriLog.NotAdmitted(logger, registration.Name, e.Message);
            registration.Close(e.Message);
            process?.Dispose();
        }
    }

    private async Task JoinAsync(Plugin plugin, Registration registration)
    {
        IReadOnlyList<ContainerUpdate> updates;
        Interlocked.Increment(ref _joining);
        try
        {
            updates = await SynchronizeAsync(plugin).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _joining);
        }

        registration.Activate(plugin);
        NriLog.Connected(logger, plugin.Name);
        if (updates.Count > 0)
            await runtime.UpdateAsync(plugin.Name, updates, _stopping.Token).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<ContainerUpdate>> SynchronizeAsync(Plugin plugin)
    {
        using (await _gate.CloseAsync().ConfigureAwait(false))
        {
            (IReadOnlyList<PodSandbox> pods, IReadOnlyList<Container> containers) = runtime.Describe();
            IReadOnlyList<ContainerUpdate> updates = await plugin.SynchronizeAsync(pods, containers, options.RegistrationTimeout).ConfigureAwait(false);
            Add(plugin);
            return updates;
        }
    }

    private async Task WatchAsync(Plugin plugin, PluginProcess? process)
    {
        string reason = await plugin.Closed.ConfigureAwait(false);
        lock (_change)
            Volatile.Write(ref _plugins, [.. _plugins.Where(other => other != plugin)]);
        process?.Dispose();
        if (_stopping.IsCancellationRequested)
            return;
        if (plugin.HasLeft)
            NriLog.Left(logger, plugin.Name);
        else
            NriLog.Gone(logger, plugin.Name, reason);
    }

    /// <summary>Behind those with the same index.</summary>
    private void Add(Plugin plugin)
    {
        lock (_change)
        {
            List<Plugin> sorted = [.. _plugins];
            int place = sorted.FindIndex(other => string.CompareOrdinal(other.Identity.Index, plugin.Identity.Index) > 0);
            sorted.Insert(place < 0 ? sorted.Count : place, plugin);
            Volatile.Write(ref _plugins, [.. sorted]);
        }
    }
}
