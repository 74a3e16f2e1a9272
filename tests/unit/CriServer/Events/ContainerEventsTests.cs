using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Events;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.Events;

public sealed class ContainerEventsTests : IDisposable
{
    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task A_life_of_a_pod_and_its_container_is_told_in_order_with_the_times_of_the_facts()
    {
        using ContainerEvents.Subscription subscription = _daemon.Happenings.Subscribe();
        (string pod, string container) = await _daemon.RunningAsync();
        await _daemon.Stop.ExecuteAsync(container, 0, CancellationToken.None);
        CriServer.Containers.Container ended = _daemon.State.Containers.Get(container);
        await _daemon.Remove.ExecuteAsync(container, CancellationToken.None);
        await _daemon.StopPod.ExecuteAsync(pod, CancellationToken.None);
        await _daemon.RemovePod.ExecuteAsync(pod, CancellationToken.None);

        List<ContainerEvent> events = await TakeAsync(subscription, 8);
        Assert.Equal(
            [
                (ContainerEventKind.Created, pod), (ContainerEventKind.Started, pod),
                (ContainerEventKind.Created, container), (ContainerEventKind.Started, container),
                (ContainerEventKind.Stopped, container), (ContainerEventKind.Deleted, container),
                (ContainerEventKind.Stopped, pod), (ContainerEventKind.Deleted, pod),
            ],
            events.Select(one => (one.Kind, one.Id)));
        Assert.Equal([ended.CreatedAt, ended.StartedAt, ended.FinishedAt], events.Skip(2).Take(3).Select(one => one.Time));
        Assert.All(events, one => Assert.Equal(pod, one.Pod.Id));
        Assert.Equal(CriServer.Containers.ContainerPhase.Exited, events[4].Members.Single().Phase);
        Assert.Empty(events[5].Members);
    }

    [Fact]
    public async Task A_subscriber_that_lags_is_told_that_events_were_lost_and_holds_up_nobody()
    {
        using ContainerEvents.Subscription slow = _daemon.Happenings.Subscribe();
        for (int i = 0; i <= ContainerEvents.Capacity / 4; i++)
        {
            string pod = await _daemon.RunAsync(Daemon.PodConfig(attempt: (uint)i));
            await _daemon.RemovePod.ExecuteAsync(pod, CancellationToken.None);
        }

        CriException lost = await Assert.ThrowsAsync<CriException>(() => TakeAsync(slow, int.MaxValue));
        Assert.Equal(CriErrorKind.ResourceExhausted, lost.Kind);
        Assert.Contains("lost", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_daemons_end_ends_the_stream()
    {
        using ContainerEvents.Subscription subscription = _daemon.Happenings.Subscribe();
        Task<List<ContainerEvent>> reading = TakeAsync(subscription, 1);
        _daemon.Happenings.Dispose();
        Assert.Equal(CriErrorKind.Unavailable, (await Assert.ThrowsAsync<CriException>(() => reading)).Kind);
    }

    private static async Task<List<ContainerEvent>> TakeAsync(ContainerEvents.Subscription subscription, int count)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(20));
        List<ContainerEvent> events = [];
        await foreach (ContainerEvent one in subscription.ReadAllAsync(limit.Token))
        {
            events.Add(one);
            if (events.Count == count)
                break;
        }

        return events;
    }
}
