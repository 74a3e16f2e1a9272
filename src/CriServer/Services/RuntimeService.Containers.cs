using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.Oci.Specs;
using Google.Protobuf;
using Grpc.Core;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <content>Containers.</content>
public sealed partial class RuntimeService
{
    public override async Task<Cri.CreateContainerResponse> CreateContainer(Cri.CreateContainerRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        string pod = Required("pod_sandbox_id", request.PodSandboxId);
        string id = await containers.Create.ExecuteAsync(pod, request.Config.ToDomain(), context.CancellationToken).ConfigureAwait(false);
        return new Cri.CreateContainerResponse { ContainerId = id };
    }

    public override async Task<Cri.StartContainerResponse> StartContainer(Cri.StartContainerRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        await containers.Start.ExecuteAsync(Required("container_id", request.ContainerId), context.CancellationToken).ConfigureAwait(false);
        return new Cri.StartContainerResponse();
    }

    public override async Task<Cri.StopContainerResponse> StopContainer(Cri.StopContainerRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        string id = Required("container_id", request.ContainerId);
        await containers.Stop.ExecuteAsync(id, request.Timeout, context.CancellationToken).ConfigureAwait(false);
        return new Cri.StopContainerResponse();
    }

    public override async Task<Cri.RemoveContainerResponse> RemoveContainer(Cri.RemoveContainerRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        await containers.Remove.ExecuteAsync(Required("container_id", request.ContainerId), context.CancellationToken).ConfigureAwait(false);
        return new Cri.RemoveContainerResponse();
    }

    public override Task<Cri.ListContainersResponse> ListContainers(Cri.ListContainersRequest request, ServerCallContext context)
    {
        Cri.ListContainersResponse response = new();
        foreach (Container container in state.Containers.Current.Values)
        {
            if (container.Matches(request.Filter))
                response.Containers.Add(container.ToListItem());
        }

        return Task.FromResult(response);
    }

    public override Task<Cri.ContainerStatusResponse> ContainerStatus(Cri.ContainerStatusRequest request, ServerCallContext context)
    {
        Container container = VisibleContainer(request.ContainerId);
        Cri.ContainerStatusResponse response = new() { Status = container.ToStatus() };
        if (request.Verbose)
            response.Info["info"] = VerboseInfo.OfContainer(container, SpecOf(container));
        return Task.FromResult(response);
    }

    public override async Task<Cri.ReopenContainerLogResponse> ReopenContainerLog(Cri.ReopenContainerLogRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        await containers.ReopenLog.ExecuteAsync(Required("container_id", request.ContainerId), context.CancellationToken).ConfigureAwait(false);
        return new Cri.ReopenContainerLogResponse();
    }

    public override async Task<Cri.ExecSyncResponse> ExecSync(Cri.ExecSyncRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        string id = Required("container_id", request.ContainerId);
        ExecSyncResult result = await containers.ExecSync
            .ExecuteAsync(id, [.. request.Cmd], request.Timeout, context.CancellationToken).ConfigureAwait(false);
        return new Cri.ExecSyncResponse
        {
            Stdout = UnsafeByteOperations.UnsafeWrap(result.Stdout),
            Stderr = UnsafeByteOperations.UnsafeWrap(result.Stderr),
            ExitCode = result.ExitCode,
        };
    }

    private Container VisibleContainer(string id)
    {
        Container container = state.Containers.Get(Required("container_id", id));
        return container.IsVisible() ? container : throw CriException.NotFound($"container {id} does not exist");
    }

    /// <summary>A status is worth having even when the spec's file is lost.</summary>
    private Spec? SpecOf(Container container)
    {
        try
        {
            return specs.Get(container);
        }
        catch (CriException)
        {
            return null;
        }
    }
}
