using CriRuntime.E2e.Harness;
using Grpc.Core;
using Runtime.V1;

namespace CriRuntime.E2e.Events;

[Collection(SharedDaemonCollection.Name)]
public sealed class EventTests(SharedDaemon shared)
{
    private readonly Daemon _daemon = shared.Daemon;

    [Fact]
    public async Task A_containers_life_is_told_as_it_happens()
    {
        using AsyncServerStreamingCall<ContainerEventResponse> events = _daemon.Runtime.GetContainerEvents(new GetEventsRequest());
        await events.ResponseHeadersAsync;
        PodSandboxConfig pod = _daemon.Pod("events-" + Guid.NewGuid().ToString("n")[..8]);
        string podId = await _daemon.RunPodAsync(pod);
        string id = await _daemon.StartNewAsync(podId, pod, Cri.Container("short", "sh", "-c", "exit 3"));
        await _daemon.ExitAsync(id);
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });

        List<ContainerEventResponse> seen = [];
        while (seen.LastOrDefault() is not { ContainerEventType: ContainerEventType.ContainerDeletedEvent } last || last.ContainerId != podId)
        {
            Assert.True(await events.ResponseStream.MoveNext(Wait.Limit));
            if (events.ResponseStream.Current.PodSandboxStatus.Id == podId)
                seen.Add(events.ResponseStream.Current);
        }

        Assert.Equal(
            [ContainerEventType.ContainerCreatedEvent, ContainerEventType.ContainerStartedEvent, ContainerEventType.ContainerStoppedEvent, ContainerEventType.ContainerDeletedEvent],
            seen.Where(one => one.ContainerId == id).Select(one => one.ContainerEventType));
        ContainerEventResponse stopped = seen.Single(one => one.ContainerId == id && one.ContainerEventType == ContainerEventType.ContainerStoppedEvent);
        Assert.Equal(3, stopped.ContainersStatuses.Single().ExitCode);
        Assert.InRange(stopped.ContainersStatuses.Single().FinishedAt, 1, stopped.CreatedAt);
        Assert.Equal(seen.Select(one => one.CreatedAt).Order(), seen.Select(one => one.CreatedAt));
    }

    [Fact]
    public async Task The_streamed_lists_say_what_the_lists_say()
    {
        PodSandboxConfig pod = _daemon.Pod("pages-" + Guid.NewGuid().ToString("n")[..8]);
        string podId = await _daemon.RunPodAsync(pod);
        string id = await _daemon.StartNewAsync(podId, pod, Cri.Container("one"));
        List<string> pods = await ReadAsync(_daemon.Runtime.StreamPodSandboxes(new StreamPodSandboxesRequest()), page => page.PodSandboxes.Select(one => one.Id));
        List<string> containers = await ReadAsync(_daemon.Runtime.StreamContainers(new StreamContainersRequest()), page => page.Containers.Select(one => one.Id));
        List<string> stats = await ReadAsync(_daemon.Runtime.StreamContainerStats(new StreamContainerStatsRequest()), page => page.ContainerStats.Select(one => one.Attributes.Id));
        List<string> images = await ReadAsync(_daemon.Images.StreamImages(new StreamImagesRequest()), page => page.Images.Select(one => one.Id));
        Assert.Contains(podId, pods);
        Assert.Contains(id, containers);
        Assert.Contains(id, stats);
        Assert.Equal((await _daemon.Images.ListImagesAsync(new ListImagesRequest())).Images.Select(one => one.Id).Order(), images.Order());
        await _daemon.Runtime.RemovePodSandboxAsync(new RemovePodSandboxRequest { PodSandboxId = podId });
    }

    private static async Task<List<string>> ReadAsync<T>(AsyncServerStreamingCall<T> call, Func<T, IEnumerable<string>> ids)
    {
        using (call)
        {
            List<string> all = [];
            while (await call.ResponseStream.MoveNext(Wait.Limit))
                all.AddRange(ids(call.ResponseStream.Current));
            return all;
        }
    }
}
