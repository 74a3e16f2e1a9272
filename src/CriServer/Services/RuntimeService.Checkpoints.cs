using CriRuntime.CriServer.Checkpoints;
using Grpc.Core;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <content>Checkpoint and restore.</content>
public sealed partial class RuntimeService
{
    public override async Task<Cri.CheckpointContainerResponse> CheckpointContainer(Cri.CheckpointContainerRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        string id = Required("container_id", request.ContainerId);
        await checkpoints.Container.ExecuteAsync(id, Required("location", request.Location), request.Timeout, context.CancellationToken).ConfigureAwait(false);
        return new Cri.CheckpointContainerResponse();
    }

    public override async Task<Cri.CheckpointPodResponse> CheckpointPod(Cri.CheckpointPodRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        CheckpointValidation.CheckOptions(request.Options);
        string id = Required("pod_sandbox_id", request.PodSandboxId);
        await checkpoints.Pod.ExecuteAsync(id, Required("output_path", request.OutputPath), request.ContainerIds, context.CancellationToken).ConfigureAwait(false);
        return new Cri.CheckpointPodResponse();
    }

    public override async Task<Cri.RestorePodResponse> RestorePod(Cri.RestorePodRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        CheckpointValidation.CheckOptions(request.Options);
        RestoredPod restored = await checkpoints.RestorePod.ExecuteAsync(
            Required("checkpoint_path", request.CheckpointPath),
            request.Config.ToDomain(),
            request.RuntimeHandler,
            [.. request.ContainerConfigs.Select(ContainerTranslation.ToDomain)],
            context.CancellationToken).ConfigureAwait(false);
        return new Cri.RestorePodResponse
        {
            PodSandboxId = restored.PodId,
            RestoredContainers = { restored.Containers.Select(one => new Cri.RestoredContainer { Name = one.Name, ContainerId = one.Id }) },
        };
    }
}
