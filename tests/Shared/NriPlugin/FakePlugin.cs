using System.Net.Sockets;
using CriRuntime.Nri.Api;
using CriRuntime.Nri.Multiplexing;
using CriRuntime.Nri.Ttrpc;
using Google.Protobuf;

namespace CriRuntime.Tests.NriPlugin;

/// <summary>The plugin's side of NRI: answers what a test tells it to, and remembers what it was asked.</summary>
internal sealed class FakePlugin : IAsyncDisposable
{
    private const string Service = "nri.pkg.api.v1alpha1.Plugin";

    private readonly Stream _trunk;
    private readonly Multiplexer _multiplexer;
    private readonly TtrpcClient _runtime;
    private readonly TtrpcServer _server;
    private readonly CancellationTokenSource _closing = new();
    private readonly List<(string Method, ByteString Payload)> _calls = [];
    private readonly TaskCompletionSource _synchronized = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;

    internal FakePlugin(Stream trunk)
    {
        _trunk = trunk;
        _multiplexer = new Multiplexer(trunk);
        _runtime = new TtrpcClient((message, token) => _multiplexer.WriteAsync(ConnectionId.RuntimeService, message, token));
        Dictionary<string, Func<ByteString, CancellationToken, Task<IMessage>>> methods = [];
        foreach (string method in (string[])[
            "Configure", "Synchronize", "Shutdown", "RunPodSandbox", "UpdatePodSandbox", "PostUpdatePodSandbox", "StopPodSandbox", "RemovePodSandbox",
            "CreateContainer", "PostCreateContainer", "StartContainer", "PostStartContainer", "UpdateContainer", "PostUpdateContainer", "StopContainer",
            "RemoveContainer", "StateChange", "ValidateContainerAdjustment"])
        {
            methods[$"{Service}/{method}"] = (payload, token) => AnswerAsync(method, payload, token);
        }

        _server = new TtrpcServer(methods, (message, token) => _multiplexer.WriteAsync(ConnectionId.PluginService, message, token));
        _multiplexer.Open(ConnectionId.PluginService, _server.Sink);
        _multiplexer.Open(ConnectionId.RuntimeService, _runtime.Sink);
    }

    /// <summary>The mask it answers to Configure; 0: all events but validation.</summary>
    internal int Events { get; set; }

    /// <summary>Methods that it says it does not have.</summary>
    internal HashSet<string> Unimplemented { get; } = [];

    /// <summary>What it answers, by method; methods without an entry get an empty message.</summary>
    internal Dictionary<string, Func<ByteString, CancellationToken, Task<IMessage>>> Answers { get; } = [];

    /// <summary>Ends when Synchronize was answered.</summary>
    internal Task Synchronized => _synchronized.Task;

    internal TtrpcClient Runtime => _runtime;

    /// <summary>Ends when the runtime has closed the connection.</summary>
    internal Task Closed => _running;

    internal static async Task<FakePlugin> ConnectAsync(string socketPath)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath));
        return new FakePlugin(new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>The methods called so far, in order.</summary>
    internal string[] Methods
    {
        get
        {
            lock (_calls)
                return [.. _calls.Select(call => call.Method)];
        }
    }

    internal T[] Requests<T>(string method, MessageParser<T> parser)
        where T : IMessage<T>
    {
        lock (_calls)
            return [.. _calls.Where(call => call.Method == method).Select(call => parser.ParseFrom(call.Payload))];
    }

    internal void Answer(string method, Func<ByteString, IMessage> answer) => Answers[method] = (payload, _) => Task.FromResult(answer(payload));

    internal void Start() => _running = Task.WhenAny(_multiplexer.RunAsync(_closing.Token), _server.RunAsync(_closing.Token));

    internal async Task RegisterAsync(string index, string name)
    {
        Start();
        await _runtime.CallAsync(
            "nri.pkg.api.v1alpha1.Runtime", "RegisterPlugin", new RegisterPluginRequest { PluginIdx = index, PluginName = name }, TimeSpan.FromSeconds(30));
    }

    internal async Task<UpdateContainersResponse> UpdateContainersAsync(UpdateContainersRequest request) => UpdateContainersResponse.Parser.ParseFrom(
        await _runtime.CallAsync("nri.pkg.api.v1alpha1.Runtime", "UpdateContainers", request, TimeSpan.FromSeconds(30)));

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _trunk.DisposeAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    private async Task<IMessage> AnswerAsync(string method, ByteString payload, CancellationToken cancellationToken)
    {
        if (Unimplemented.Contains(method))
            throw new TtrpcException(StatusCode.Unimplemented, "no such method");
        lock (_calls)
            _calls.Add((method, payload));
        IMessage answer = Answers.TryGetValue(method, out Func<ByteString, CancellationToken, Task<IMessage>>? wanted)
            ? await wanted(payload, cancellationToken)
            : method switch
            {
                "Configure" => new ConfigureResponse { Events = Events == 0 ? (1 << 13) - 1 : Events },
                "Synchronize" => new SynchronizeResponse { More = SynchronizeRequest.Parser.ParseFrom(payload).More },
                _ => new Empty(),
            };
        if (method == "Synchronize")
            _synchronized.TrySetResult();
        return answer;
    }
}
