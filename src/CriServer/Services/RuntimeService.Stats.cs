using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Sandboxes;
using Grpc.Core;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <content>Statistics.</content>
public sealed partial class RuntimeService
{
    public override Task<Cri.ContainerStatsResponse> ContainerStats(Cri.ContainerStatsRequest request, ServerCallContext context) =>
        Task.FromResult(new Cri.ContainerStatsResponse { Stats = stats.OfContainer(VisibleContainer(request.ContainerId)) });

    public override Task<Cri.ListContainerStatsResponse> ListContainerStats(Cri.ListContainerStatsRequest request, ServerCallContext context)
    {
        Cri.ContainerStatsFilter filter = request.Filter ?? new Cri.ContainerStatsFilter();
        Container[] chosen = [.. state.Containers.Current.Values.Where(c => c.IsAlive
            && c.Id.StartsWith(filter.Id, StringComparison.Ordinal)
            && c.SandboxId.StartsWith(filter.PodSandboxId, StringComparison.Ordinal)
            && filter.LabelSelector.Matches(c.Config.Labels))];
        return Task.FromResult(new Cri.ListContainerStatsResponse { Stats = { Measurements.Of(chosen, stats.OfContainer) } });
    }

    public override Task<Cri.PodSandboxStatsResponse> PodSandboxStats(Cri.PodSandboxStatsRequest request, ServerCallContext context) =>
        Task.FromResult(new Cri.PodSandboxStatsResponse { Stats = Measure(VisiblePod(request.PodSandboxId)) });

    public override Task<Cri.ListPodSandboxStatsResponse> ListPodSandboxStats(Cri.ListPodSandboxStatsRequest request, ServerCallContext context)
    {
        Cri.PodSandboxStatsFilter filter = request.Filter ?? new Cri.PodSandboxStatsFilter();
        PodSandbox[] chosen = [.. state.Pods.Current.Values.Where(pod => pod.IsReady
            && pod.Id.StartsWith(filter.Id, StringComparison.Ordinal)
            && filter.LabelSelector.Matches(pod.Config.Labels))];
        ILookup<string, Container> members = state.Containers.Current.Values.Where(c => c.IsAlive).ToLookup(c => c.SandboxId);
        Cri.PodSandboxStats[] measured = Measurements.Of(chosen, pod => stats.OfPod(pod, [.. members[pod.Id]]));
        return Task.FromResult(new Cri.ListPodSandboxStatsResponse { Stats = { measured } });
    }

    private Cri.PodSandboxStats Measure(PodSandbox pod) =>
        stats.OfPod(pod, [.. state.ContainersOf(pod.Id).Where(c => c.IsAlive)]);
}
