using CriRuntime.Nri.Multiplexing;
using CriRuntime.Nri.Ttrpc;
using Google.Protobuf;

namespace CriRuntime.Nri.Plugins;

/// <summary>One plugin's stream, spoken on both ways, until the first violation, failure or end.</summary>
internal sealed class PluginConnection : IDisposable
{
    private readonly Stream _trunk;
    private readonly Multiplexer _multiplexer;
    private readonly TtrpcServer _runtime;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="trunk">Closed with this.</param>
    /// <param name="methods">What the plugin may call, by <c>service/method</c>.</param>
    internal PluginConnection(Stream trunk, IReadOnlyDictionary<string, Func<ByteString, CancellationToken, Task<IMessage>>> methods)
    {
        _trunk = trunk;
        _multiplexer = new Multiplexer(trunk);
        Plugin = new TtrpcClient((message, token) => _multiplexer.WriteAsync(ConnectionId.PluginService, message, token));
        _runtime = new TtrpcServer(methods, (message, token) => _multiplexer.WriteAsync(ConnectionId.RuntimeService, message, token));
        _multiplexer.Open(ConnectionId.PluginService, Plugin.Sink);
        _multiplexer.Open(ConnectionId.RuntimeService, _runtime.Sink);
    }

    /// <summary>Calls to the plugin.</summary>
    internal TtrpcClient Plugin { get; }

    /// <summary>Ends with the reason when nothing can be said any more.</summary>
    internal Task<string> Closed => _closed.Task;

    /// <summary>The plugin closed the connection between two messages and while nothing was asked of it: it has left, as plugins may. Known when <see cref="Closed"/> ends.</summary>
    internal bool HasLeft { get; private set; }

    internal void Start() => _ = RunAsync();

    /// <summary>Calls under way fail with the reason. Only the first reason counts.</summary>
    internal void Close(string reason)
    {
        if (!_closed.TrySetResult(reason))
            return;
        Plugin.Fail(reason);
        _closing.Cancel();
        _trunk.Dispose();
    }

    public void Dispose() => Close("the runtime closed the connection");

    private async Task RunAsync()
    {
        Task reading = _multiplexer.RunAsync(_closing.Token);
        Task serving = _runtime.RunAsync(_closing.Token);
        Task ended = await Task.WhenAny(reading, serving).ConfigureAwait(false);
        string reason = await ReasonAsync(ended).ConfigureAwait(false);
        HasLeft = ended.IsCompletedSuccessfully && !Plugin.IsBusy && !_closed.Task.IsCompleted;
        Close(reason);
        await Task.WhenAll(reading, serving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _multiplexer.Dispose();
        _closing.Dispose();
    }

    private static async Task<string> ReasonAsync(Task ended)
    {
        try
        {
            await ended.ConfigureAwait(false);
            return "it closed the connection";
        }
        catch (ProtocolException e)
        {
            return $"it broke the protocol: {e.Message}";
        }
        catch (Exception e)
        {
            return e.Message; // whatever it was, it ends this connection and nothing else
        }
    }
}
