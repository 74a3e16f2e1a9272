using CriRuntime.CriServer.Errors;
using Grpc.Core;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <content>Resizing in place.</content>
public sealed partial class RuntimeService
{
    public override async Task<Cri.UpdateContainerResourcesResponse> UpdateContainerResources(
        Cri.UpdateContainerResourcesRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        string id = Required("container_id", request.ContainerId);
        if (request is { Linux: null, Windows: not null })
            throw CriException.InvalidArgument("windows is set and linux is not; this runtime runs Linux containers");
        await containers.Update.ExecuteAsync(id, request.Linux?.ToDomain(), context.CancellationToken).ConfigureAwait(false);
        return new Cri.UpdateContainerResourcesResponse();
    }

    public override async Task<Cri.UpdatePodSandboxResourcesResponse> UpdatePodSandboxResources(
        Cri.UpdatePodSandboxResourcesRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        string id = Required("pod_sandbox_id", request.PodSandboxId);
        await sandboxes.Update
            .ExecuteAsync(id, request.Overhead?.ToDomain(), request.Resources?.ToDomain(), context.CancellationToken).ConfigureAwait(false);
        return new Cri.UpdatePodSandboxResourcesResponse();
    }
}
