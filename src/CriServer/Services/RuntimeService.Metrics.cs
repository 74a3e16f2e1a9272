using CriRuntime.CriServer.Metrics;
using Grpc.Core;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <content>Metrics of pods and containers, which the kubelet publishes in cAdvisor's place.</content>
public sealed partial class RuntimeService
{
    public override Task<Cri.ListMetricDescriptorsResponse> ListMetricDescriptors(Cri.ListMetricDescriptorsRequest request, ServerCallContext context) =>
        Task.FromResult(MetricTable.Descriptors);

    public override Task<Cri.ListPodSandboxMetricsResponse> ListPodSandboxMetrics(Cri.ListPodSandboxMetricsRequest request, ServerCallContext context) =>
        Task.FromResult(new Cri.ListPodSandboxMetricsResponse { PodMetrics = { metrics.Measure() } });

    /// <summary>The pods of one moment, each page measured when the reader has taken the one before.</summary>
    public override async Task StreamPodSandboxMetrics(
        Cri.StreamPodSandboxMetricsRequest request, IServerStreamWriter<Cri.StreamPodSandboxMetricsResponse> responseStream, ServerCallContext context)
    {
        foreach (Cri.PodSandboxMetrics[] page in MetricPages.Of(metrics.Measure()))
            await responseStream.WriteAsync(new Cri.StreamPodSandboxMetricsResponse { PodSandboxMetrics = { page } }).ConfigureAwait(false);
    }
}
