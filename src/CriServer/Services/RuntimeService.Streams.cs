using CriRuntime.CriServer.Events;
using Grpc.Core;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <content>
/// The lists in pages, for nodes whose lists outgrow a message, and events. Each list is of one moment; a slow reader holds nothing but that.
/// </content>
public sealed partial class RuntimeService
{
    public override async Task StreamPodSandboxes(
        Cri.StreamPodSandboxesRequest request, IServerStreamWriter<Cri.StreamPodSandboxesResponse> responseStream, ServerCallContext context)
    {
        Cri.ListPodSandboxResponse all = await ListPodSandbox(new Cri.ListPodSandboxRequest { Filter = request.Filter }, context).ConfigureAwait(false);
        await Pages.WriteAsync(all.Items, responseStream, page => new Cri.StreamPodSandboxesResponse { PodSandboxes = { page } }).ConfigureAwait(false);
    }

    public override async Task StreamContainers(
        Cri.StreamContainersRequest request, IServerStreamWriter<Cri.StreamContainersResponse> responseStream, ServerCallContext context)
    {
        Cri.ListContainersResponse all = await ListContainers(new Cri.ListContainersRequest { Filter = request.Filter }, context).ConfigureAwait(false);
        await Pages.WriteAsync(all.Containers, responseStream, page => new Cri.StreamContainersResponse { Containers = { page } }).ConfigureAwait(false);
    }

    public override async Task StreamContainerStats(
        Cri.StreamContainerStatsRequest request, IServerStreamWriter<Cri.StreamContainerStatsResponse> responseStream, ServerCallContext context)
    {
        Cri.ListContainerStatsResponse all = await ListContainerStats(new Cri.ListContainerStatsRequest { Filter = request.Filter }, context).ConfigureAwait(false);
        await Pages.WriteAsync(all.Stats, responseStream, page => new Cri.StreamContainerStatsResponse { ContainerStats = { page } }).ConfigureAwait(false);
    }

    public override async Task StreamPodSandboxStats(
        Cri.StreamPodSandboxStatsRequest request, IServerStreamWriter<Cri.StreamPodSandboxStatsResponse> responseStream, ServerCallContext context)
    {
        Cri.ListPodSandboxStatsResponse all = await ListPodSandboxStats(new Cri.ListPodSandboxStatsRequest { Filter = request.Filter }, context).ConfigureAwait(false);
        await Pages.WriteAsync(all.Stats, responseStream, page => new Cri.StreamPodSandboxStatsResponse { PodSandboxStats = { page } }).ConfigureAwait(false);
    }

    public override async Task GetContainerEvents(
        Cri.GetEventsRequest request, IServerStreamWriter<Cri.ContainerEventResponse> responseStream, ServerCallContext context)
    {
        using ContainerEvents.Subscription subscription = events.Subscribe();
        // From here on the client may rely on every event.
        await context.WriteResponseHeadersAsync([]).ConfigureAwait(false);
        await foreach (ContainerEvent one in subscription.ReadAllAsync(context.CancellationToken).ConfigureAwait(false))
            await responseStream.WriteAsync(one.ToCri()).ConfigureAwait(false);
    }
}

internal static class EventTranslation
{
    internal static Cri.ContainerEventResponse ToCri(this ContainerEvent one) => new()
    {
        ContainerId = one.Id,
        ContainerEventType = one.Kind switch
        {
            ContainerEventKind.Created => Cri.ContainerEventType.ContainerCreatedEvent,
            ContainerEventKind.Started => Cri.ContainerEventType.ContainerStartedEvent,
            ContainerEventKind.Stopped => Cri.ContainerEventType.ContainerStoppedEvent,
            _ => Cri.ContainerEventType.ContainerDeletedEvent,
        },
        CreatedAt = one.Time,
        PodSandboxStatus = one.Pod.ToStatus(),
        ContainersStatuses = { one.Members.Select(member => member.ToStatus()) },
    };
}
