using Grpc.Core;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <content>Checkpoint and restore, which this runtime does not have: said in words, where the base class answers with an empty message.</content>
public sealed partial class RuntimeService
{
    public override Task<Cri.CheckpointContainerResponse> CheckpointContainer(Cri.CheckpointContainerRequest request, ServerCallContext context) =>
        throw NotBuilt("CheckpointContainer");

    public override Task<Cri.CheckpointPodResponse> CheckpointPod(Cri.CheckpointPodRequest request, ServerCallContext context) =>
        throw NotBuilt("CheckpointPod");

    public override Task<Cri.RestorePodResponse> RestorePod(Cri.RestorePodRequest request, ServerCallContext context) =>
        throw NotBuilt("RestorePod");

    private static RpcException NotBuilt(string method) =>
        new(new Status(StatusCode.Unimplemented, $"{method}: this version of criruntime makes no checkpoints and restores none"));
}
