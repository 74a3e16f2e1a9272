using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.Bench.Workloads;

/// <summary>What comes on a stream of GetContainerEvents, and when.</summary>
internal sealed class EventArrivals : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<(string Id, ContainerEventType Kind), TaskCompletionSource<Arrival>> _arrivals = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;

    private EventArrivals(Target target) => _reading = Task.Run(() => ReadAsync(target));

    /// <exception cref="RpcException">Unimplemented: the runtime knows no events.</exception>
    internal static async Task<EventArrivals> SubscribeAsync(Target target)
    {
        EventArrivals arrivals = new(target);
        // Not every server says when it has begun: gRPC's for Go sends nothing before the first event.
        if (await Task.WhenAny(arrivals._reading, Task.Delay(1000)) == arrivals._reading)
            await arrivals._reading;
        return arrivals;
    }

    /// <exception cref="TimeoutException">It does not come.</exception>
    internal Task<Arrival> OfAsync(string container, ContainerEventType kind) => Slot(container, kind).Task.WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _stop.Dispose();
    }

    private async Task ReadAsync(Target target)
    {
        using AsyncServerStreamingCall<ContainerEventResponse> call = target.Runtime.GetContainerEvents(new GetEventsRequest(), cancellationToken: _stop.Token);
        try
        {
            await foreach (ContainerEventResponse one in call.ResponseStream.ReadAllAsync(_stop.Token))
                Slot(one.ContainerId, one.ContainerEventType).TrySetResult(Arrival.Now(StartOf(one)));
        }
        catch (Exception e) when (_stop.IsCancellationRequested && e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
        {
            // The end that was asked for.
            return;
        }
    }

    /// <summary>As the container's status has it; 0 for what is not of a container that has been started.</summary>
    private static long StartOf(ContainerEventResponse one) => one.ContainersStatuses.FirstOrDefault(status => status.Id == one.ContainerId)?.StartedAt ?? 0;

    private TaskCompletionSource<Arrival> Slot(string id, ContainerEventType kind) =>
        _arrivals.GetOrAdd((id, kind), _ => new TaskCompletionSource<Arrival>(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <param name="Timestamp">When the event was read, by <see cref="Stopwatch"/>.</param>
/// <param name="SinceStart">Milliseconds since the container's start, by the clock of day.</param>
internal readonly record struct Arrival(long Timestamp, double SinceStart)
{
    /// <param name="startedAt">Nanoseconds since the epoch.</param>
    internal static Arrival Now(long startedAt) =>
        new(Stopwatch.GetTimestamp(), ((DateTime.UtcNow - DateTime.UnixEpoch).Ticks - (startedAt / 100.0)) / TimeSpan.TicksPerMillisecond);

    /// <summary>Milliseconds that it came after <paramref name="fact"/>; 0 when it came before.</summary>
    internal double After(long fact) => Timestamp <= fact ? 0 : Stopwatch.GetElapsedTime(fact, Timestamp).TotalMilliseconds;
}
