using System.Globalization;
using System.Net.Sockets;
using CriRuntime.Streaming.Http;
using CriRuntime.Streaming.Spdy;

namespace CriRuntime.Streaming.PortForward;

/// <summary>
/// Port forwarding over SPDY: for each connection the client opens an error stream and a data stream, with the headers <c>streamtype</c>,
/// <c>port</c> and <c>requestid</c>, which pairs them.
/// </summary>
internal sealed class SpdyPortForward : ISpdyStreamAcceptor
{
    internal const string Protocol = "portforward.k8s.io";
    private const string Data = "data";
    private const string Error = "error";
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Unpaired> _unpaired = new(StringComparer.Ordinal);
    private readonly HashSet<Task> _running = [];
    private readonly Func<int, CancellationToken, Task<Socket>> _connect;
    private readonly StreamingOptions _options;
    private SpdyConnection? _connection;

    private SpdyPortForward(Func<int, CancellationToken, Task<Socket>> connect, StreamingOptions options)
    {
        _connect = connect;
        _options = options;
    }

    /// <summary>Serves until the client closes; returns when all that was forwarded has ended too.</summary>
    internal static async Task ServeAsync(IUpgradedTransport transport, Func<int, CancellationToken, Task<Socket>> connect, StreamingOptions options)
    {
        SpdyPortForward forward = new(connect, options);
        SpdyConnection connection = new(transport, SpdyRole.Server, forward, options);
        forward._connection = connection;
        using (options.Clock.CreateTimer(static state => ((SpdyPortForward)state!).DropLate(), forward, options.StreamCreationTimeout, options.StreamCreationTimeout / 2))
        {
            await connection.RunAsync();
        }

        await connection.CloseAsync();
        forward.AbandonUnpaired();
        await Task.WhenAll(forward.Running());
    }

    bool ISpdyStreamAcceptor.MayOpen(SpdyStream stream)
    {
        if (PortOf(stream) == 0 || TypeOf(stream) is not (Data or Error))
            return false;
        lock (_gate)
            return !_unpaired.TryGetValue(RequestOf(stream), out Unpaired other) || TypeOf(other.Stream) != TypeOf(stream);
    }

    void ISpdyStreamAcceptor.Opened(SpdyStream stream)
    {
        Unpaired other;
        lock (_gate)
        {
            if (!_unpaired.Remove(RequestOf(stream), out other))
            {
                _unpaired.Add(RequestOf(stream), new Unpaired(stream, _options.Clock.GetTimestamp()));
                return;
            }
        }

        bool isData = TypeOf(stream) == Data;
        Start(isData ? stream : other.Stream, isData ? other.Stream : stream);
    }

    private static string? TypeOf(SpdyStream stream) => stream.Headers.GetValueOrDefault("streamtype");

    /// <returns>Zero: none, or none that is valid.</returns>
    private static int PortOf(SpdyStream stream) =>
        ushort.TryParse(stream.Headers.GetValueOrDefault("port"), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ? port : 0;

    /// <summary>Old clients send no id, but open the error stream first and the data stream next.</summary>
    private static string RequestOf(SpdyStream stream)
    {
        if (stream.Headers.TryGetValue("requestid", out string? id) && id.Length > 0)
            return id;
        return string.Create(CultureInfo.InvariantCulture, $"{(TypeOf(stream) == Data ? stream.Id - 2 : stream.Id)}");
    }

    private void Start(SpdyStream data, SpdyStream error)
    {
        // Off the connection's reader, which must not wait for a connect.
        Task task = Task.Run(() => ForwardedPort.RunAsync(PortOf(data), data, error, _connect, _options, _connection!.Closed));
        lock (_gate)
            _running.Add(task);
        _ = task.ContinueWith(Ended, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Ended(Task task)
    {
        lock (_gate)
            _running.Remove(task);
    }

    private Task[] Running()
    {
        lock (_gate)
            return [.. _running];
    }

    private void DropLate()
    {
        List<Unpaired> late;
        lock (_gate)
        {
            late = [.. _unpaired.Values.Where(one => _options.Clock.GetElapsedTime(one.Since) >= _options.StreamCreationTimeout)];
            foreach (Unpaired one in late)
                _unpaired.Remove(RequestOf(one.Stream));
        }

        foreach (Unpaired one in late)
            _ = DropAsync(one.Stream);
    }

    private static async Task DropAsync(SpdyStream stream)
    {
        stream.Received.Abandon();
        try
        {
            if (TypeOf(stream) == Error)
                await stream.WriteAsync("timed out waiting for streams"u8.ToArray(), CancellationToken.None);
            stream.Complete();
        }
        catch (StreamResetException)
        {
            // The client gave it up itself.
        }

        stream.Reset();
    }

    private void AbandonUnpaired()
    {
        lock (_gate)
        {
            foreach (Unpaired one in _unpaired.Values)
                one.Stream.Received.Abandon();
            _unpaired.Clear();
        }
    }

    private readonly record struct Unpaired(SpdyStream Stream, long Since);
}
