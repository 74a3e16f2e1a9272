using System.Diagnostics;
using CriRuntime.Nri.Api;
using CriRuntime.Nri.Ttrpc;
using Google.Protobuf;

namespace CriRuntime.Nri.Plugins;

/// <summary>
/// A registered plugin. It gets one request at a time, as containerd's plugins do; requests for other pods wait for it and not for each other elsewhere.
/// One that does not answer in time, or not in the protocol, is closed, and the request goes on as if it had never been there.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle is never asked for holds nothing, and requests may wait for it when the plugin goes.")]
internal sealed class Plugin(PluginIdentity identity, PluginConnection connection, int events, TimeSpan requestTimeout)
{
    internal const string Service = "nri.pkg.api.v1alpha1.Plugin";

    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _stateChangeOnly;

    internal PluginIdentity Identity => identity;

    internal string Name { get; } = identity.ToString();

    internal bool IsClosed => connection.Closed.IsCompleted;

    internal bool Validates => PluginEvents.Contains(events, Event.ValidateContainerAdjustment);

    internal void Close(string reason) => connection.Close(reason);

    internal Task<string> Closed => connection.Closed;

    /// <inheritdoc cref="PluginConnection.HasLeft"/>
    internal bool HasLeft => connection.HasLeft;

    /// <returns>Null: it is not subscribed, does not know the event, or is lost.</returns>
    /// <exception cref="NriException">The plugin refuses.</exception>
    internal async Task<T?> CallAsync<T>(Event happening, IMessage request, MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        if (!PluginEvents.Contains(events, happening))
            return null;
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            return IsClosed ? null : await DeliverAsync(happening, request, parser).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Tells the plugin what there is, in as many parts as it takes.</summary>
    /// <returns>What it wants changed.</returns>
    /// <exception cref="NriException">It refuses, or does not understand parts.</exception>
    /// <exception cref="ConnectionLostException">It is lost.</exception>
    internal async Task<IReadOnlyList<ContainerUpdate>> SynchronizeAsync(IReadOnlyList<PodSandbox> pods, IReadOnlyList<Container> containers, TimeSpan timeout)
    {
        long begun = Stopwatch.GetTimestamp();
        foreach (SynchronizeRequest part in SynchronizeParts.Split(pods, containers))
        {
            TimeSpan left = timeout - Stopwatch.GetElapsedTime(begun);
            if (left <= TimeSpan.Zero)
                throw new ConnectionLostException($"no end of Synchronize within {timeout.TotalSeconds:0.###} s");
            ByteString bytes = await connection.Plugin.CallAsync(Service, "Synchronize", part, left).ConfigureAwait(false);
            SynchronizeResponse answer = SynchronizeResponse.Parser.ParseFrom(bytes);
            if (!part.More)
                return answer.Update;
            if (!answer.More || answer.Update.Count > 0)
                throw new NriException("it does not understand a Synchronize in parts, and there are too many containers for one");
        }

        return [];
    }

    /// <summary>Says goodbye.</summary>
    internal async Task ShutdownAsync(TimeSpan patience)
    {
        try
        {
            await connection.Plugin.CallAsync(Service, "Shutdown", new Empty(), patience).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConnectionLostException or TtrpcException)
        {
            // It is closed next in any case.
        }

        Close("the runtime stops");
    }

    private async Task<T?> DeliverAsync<T>(Event happening, IMessage request, MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        string method = PluginEvents.Method(happening);
        try
        {
            return parser.ParseFrom(await SendAsync(happening, method, request).ConfigureAwait(false));
        }
        catch (ConnectionLostException e)
        {
            Close(e.Message);
        }
        catch (InvalidProtocolBufferException e)
        {
            Close($"it broke the protocol: its response to {method} can't be read: {e.Message}");
        }
        catch (TtrpcException e) when (e.Code == StatusCode.Unimplemented)
        {
            return null;
        }
        catch (TtrpcException e)
        {
            throw new NriException($"NRI plugin {Name} refuses {method}: {e.Message}", e);
        }
        catch (OversizeException e)
        {
            throw new NriException($"NRI plugin {Name} can't be asked for {method}: {e.Message}", e);
        }

        return null;
    }

    private async Task<ByteString> SendAsync(Event happening, string method, IMessage request)
    {
        bool alternative = PluginEvents.HasStateChange(happening);
        if (!(alternative && _stateChangeOnly))
        {
            try
            {
                return await connection.Plugin.CallAsync(Service, method, request, requestTimeout).ConfigureAwait(false);
            }
            catch (TtrpcException e) when (alternative && e.Code == StatusCode.Unimplemented)
            {
                _stateChangeOnly = true;
            }
        }

        StateChangeEvent change = request switch
        {
            PodEvent pod => new StateChangeEvent { Event = happening, Pod = pod.Pod },
            ContainerEvent container => new StateChangeEvent { Event = happening, Pod = container.Pod, Container = container.Container },
            _ => throw new ArgumentException($"{method} can't be a StateChange", nameof(request)),
        };
        return await connection.Plugin.CallAsync(Service, "StateChange", change, requestTimeout).ConfigureAwait(false);
    }
}
