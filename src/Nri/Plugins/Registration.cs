using CriRuntime.Nri.Api;
using CriRuntime.Nri.Ttrpc;
using Google.Protobuf;

namespace CriRuntime.Nri.Plugins;

/// <summary>
/// The beginning of a connection:
/// <code>
/// plugin                                   runtime
///   │ RegisterPlugin(name, index)  ───────────> │  within the registration timeout
///   │ &lt;───────────  Configure(configuration)    │
///   │ events it subscribes to  ───────────────> │
///   │ &lt;───────────  Synchronize(pods, containers), in parts where they are many
///   │ updates  ───────────────────────────────> │  from here on it gets events
/// </code>
/// A plugin that the runtime has started has its name and index from its file, whatever it says.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The connection goes on with the plugin; Close ends it before.")]
internal sealed class Registration
{
    private const string Service = "nri.pkg.api.v1alpha1.Runtime";

    /// <summary>The version of the interface that this room implements.</summary>
    private const string NriVersion = "v0.12.0";

    private readonly PluginHostOptions _options;
    private readonly INriRuntime _runtime;
    private readonly PluginIdentity? _given;
    private readonly PluginConnection _connection;
    private readonly TaskCompletionSource<PluginIdentity> _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PluginIdentity? _identity;
    private string? _active;

    internal Registration(Stream trunk, PluginIdentity? given, PluginHostOptions options, INriRuntime runtime)
    {
        _options = options;
        _runtime = runtime;
        _given = given;
        _connection = new PluginConnection(trunk, new Dictionary<string, Func<ByteString, CancellationToken, Task<IMessage>>>
        {
            [$"{Service}/RegisterPlugin"] = (payload, _) => Task.FromResult<IMessage>(Register(RegisterPluginRequest.Parser.ParseFrom(payload))),
            [$"{Service}/UpdateContainers"] = (payload, token) => UpdateAsync(UpdateContainersRequest.Parser.ParseFrom(payload), token),
        });
    }

    /// <summary>The name that the plugin has given itself so far.</summary>
    internal string Name => (_given ?? Volatile.Read(ref _identity))?.ToString() ?? "without a name";

    internal void Close(string reason) => _connection.Close(reason);

    /// <summary>Waits for the plugin's registration and configures it.</summary>
    /// <param name="configuration">Its own, as the operator wrote it; empty: none.</param>
    /// <exception cref="NriException">It registered with a wrong name, refuses, or broke the protocol.</exception>
    /// <exception cref="ConnectionLostException">It did not register in time, or is gone.</exception>
    internal async Task<Plugin> RunAsync(string configuration)
    {
        _connection.Start();
        PluginIdentity identity = await WaitAsync().ConfigureAwait(false);
        ConfigureRequest request = new()
        {
            Config = configuration,
            RuntimeName = _options.RuntimeName,
            RuntimeVersion = _options.RuntimeVersion,
            RegistrationTimeout = (long)_options.RegistrationTimeout.TotalMilliseconds,
            RequestTimeout = (long)_options.RequestTimeout.TotalMilliseconds,
            NriVersion = NriVersion,
        };
        ByteString answer = await _connection.Plugin.CallAsync(Plugin.Service, "Configure", request, _options.RequestTimeout).ConfigureAwait(false);
        int events = PluginEvents.Check(ConfigureResponse.Parser.ParseFrom(answer).Events);
        return new Plugin(identity, _connection, events, _options.RequestTimeout);
    }

    /// <summary>From now on it may ask for updates.</summary>
    internal void Activate(Plugin plugin) => Volatile.Write(ref _active, plugin.Name);

    private async Task<PluginIdentity> WaitAsync()
    {
        Task first = await Task.WhenAny(_registered.Task, _connection.Closed, Task.Delay(_options.RegistrationTimeout)).ConfigureAwait(false);
        if (first == _registered.Task)
            return await _registered.Task.ConfigureAwait(false);
        throw new ConnectionLostException(first == _connection.Closed
            ? await _connection.Closed.ConfigureAwait(false)
            : $"it did not register within {_options.RegistrationTimeout.TotalSeconds:0.###} s");
    }

    private Empty Register(RegisterPluginRequest request)
    {
        try
        {
            PluginIdentity identity = _given ?? PluginIdentity.Check(request.PluginIdx, request.PluginName);
            if (!_registered.TrySetResult(identity))
                throw new NriException("the plugin is registered already");
            Volatile.Write(ref _identity, identity);
            return new Empty();
        }
        catch (NriException e)
        {
            _registered.TrySetException(e);
            throw;
        }
    }

    private async Task<IMessage> UpdateAsync(UpdateContainersRequest request, CancellationToken cancellationToken)
    {
        string plugin = Volatile.Read(ref _active) ?? throw new NriException("the plugin is not synchronized yet");
        await _runtime.EvictAsync(plugin, request.Evict, cancellationToken).ConfigureAwait(false);
        UpdateContainersResponse response = new();
        response.Failed.Add(await _runtime.UpdateAsync(plugin, request.Update, cancellationToken).ConfigureAwait(false));
        return response;
    }
}
