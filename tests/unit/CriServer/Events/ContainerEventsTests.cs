using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Events;
using CriRuntime.CriServer.Stats;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.Oci.Cgroups;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Tests.Events;

public sealed class ContainerEventsTests : IDisposable
{
    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task A_life_of_a_pod_and_its_container_is_told_in_order()
    {
        using ContainerEvents.Subscription subscription = _daemon.Happenings.Subscribe();
        (string pod, string container) = await _daemon.RunningAsync();
        await _daemon.Stop.ExecuteAsync(container, 0, CancellationToken.None);
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
        Assert.Equal(events.Select(one => one.Time).Order(), events.Select(one => one.Time));
        Assert.All(events, one => Assert.Equal(pod, one.Pod.Id));
        Assert.Equal(CriServer.Containers.ContainerPhase.Exited, events[4].Members.Single().Phase);
        Assert.Empty(events[5].Members);
    }

    // The kubelet drops an event that is older than the status it has, so the end of a container that was read as running would be lost.
    [Fact]
    public async Task An_end_that_is_noticed_late_is_told_as_newer_than_the_status_that_was_read_before()
    {
        (_, string container) = await _daemon.RunningAsync();
        using ContainerEvents.Subscription subscription = _daemon.Happenings.Subscribe();
        long read = _daemon.State.Now();
        _daemon.Launcher.Launched[^1].End(container, 0);
        ContainerEvent told = Assert.Single(await TakeAsync(subscription, 1));
        Assert.Equal(ContainerEventKind.Stopped, told.Kind);
        Assert.True(told.Members.Single().FinishedAt < read);
        Assert.InRange(told.Time, read, _daemon.State.Now());
    }

    [Fact]
    public async Task A_status_has_no_later_time_than_what_it_says()
    {
        AskedTime time = new();
        using Daemon daemon = new(time: time);
        daemon.Gate.Open();
        (string pod, string container) = await daemon.RunningAsync();
        time.Asked = () => daemon.Launcher.Launched[^1].End(container, 0);
        Cri.PodSandboxStatusResponse status =
            await daemon.Service(new CgroupStatsSource(daemon.State, CgroupHierarchy.Detect(), daemon.Layers)).PodSandboxStatus(new Cri.PodSandboxStatusRequest { PodSandboxId = pod }, new CallContext());
        Assert.Equal(Cri.ContainerState.ContainerExited, status.ContainersStatuses.Single().State);
    }

    // The kubelet takes the first status with a container's name for the present one.
    [Fact]
    public async Task The_containers_of_a_status_and_of_an_event_are_told_the_newest_first()
    {
        _daemon.Gate.Open();
        string pod = await _daemon.RunAsync();
        using ContainerEvents.Subscription subscription = _daemon.Happenings.Subscribe();
        List<string> made = [];
        for (uint attempt = 0; attempt < 8; attempt++)
            made.Insert(0, await _daemon.Create.ExecuteAsync(pod, Daemon.ContainerConfig(attempt: attempt), CancellationToken.None));
        Cri.PodSandboxStatusResponse status = await _daemon.Service(new CgroupStatsSource(_daemon.State, CgroupHierarchy.Detect(), _daemon.Layers))
            .PodSandboxStatus(new Cri.PodSandboxStatusRequest { PodSandboxId = pod }, new CallContext());
        Assert.Equal(made, status.ContainersStatuses.Select(one => one.Id));
        Assert.Equal(made, (await TakeAsync(subscription, made.Count))[^1].Members.Select(one => one.Id));
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

    /// <summary>Something happens just before the next time is told.</summary>
    private sealed class AskedTime : TimeProvider
    {
        public Action? Asked { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            Action? asked = Asked;
            Asked = null;
            asked?.Invoke();
            return base.GetUtcNow();
        }
    }
}
