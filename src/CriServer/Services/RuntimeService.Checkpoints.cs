using Grpc.Core;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <content>Checkpoint and restore. What is not built is said in words, where the base class answers with an empty message.</content>
public sealed partial class RuntimeService
{
    public override async Task<Cri.CheckpointContainerResponse> CheckpointContainer(Cri.CheckpointContainerRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        string id = Required("container_id", request.ContainerId);
        await checkpoints.Container.ExecuteAsync(id, Required("location", request.Location), request.Timeout, context.CancellationToken).ConfigureAwait(false);
        return new Cri.CheckpointContainerResponse();
    }

    public override Task<Cri.CheckpointPodResponse> CheckpointPod(Cri.CheckpointPodRequest request, ServerCallContext context) =>
        throw NotBuilt("CheckpointPod");

    public override Task<Cri.RestorePodResponse> RestorePod(Cri.RestorePodRequest request, ServerCallContext context) =>
        throw NotBuilt("RestorePod");

    private static RpcException NotBuilt(string method) =>
        new(new Status(StatusCode.Unimplemented, $"{method}: this version of criruntime makes and restores checkpoints of containers, not of pods"));
}
