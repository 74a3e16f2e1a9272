using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using Grpc.Core;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <content>Pod sandboxes.</content>
public sealed partial class RuntimeService
{
    public override async Task<Cri.RunPodSandboxResponse> RunPodSandbox(Cri.RunPodSandboxRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        string id = await sandboxes.Run.ExecuteAsync(request.Config.ToDomain(), request.RuntimeHandler, context.CancellationToken).ConfigureAwait(false);
        return new Cri.RunPodSandboxResponse { PodSandboxId = id };
    }

    public override async Task<Cri.StopPodSandboxResponse> StopPodSandbox(Cri.StopPodSandboxRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        await sandboxes.Stop.ExecuteAsync(Required("pod_sandbox_id", request.PodSandboxId), context.CancellationToken).ConfigureAwait(false);
        return new Cri.StopPodSandboxResponse();
    }

    public override async Task<Cri.RemovePodSandboxResponse> RemovePodSandbox(Cri.RemovePodSandboxRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        await sandboxes.Remove.ExecuteAsync(Required("pod_sandbox_id", request.PodSandboxId), context.CancellationToken).ConfigureAwait(false);
        return new Cri.RemovePodSandboxResponse();
    }

    public override Task<Cri.PodSandboxStatusResponse> PodSandboxStatus(Cri.PodSandboxStatusRequest request, ServerCallContext context)
    {
        long time = state.Now(); // before anything is read: an event that comes meanwhile must count as newer
        PodSandbox pod = VisiblePod(request.PodSandboxId);
        IReadOnlyList<Container> members = state.NewestFirst(pod.Id);
        Cri.PodSandboxStatusResponse response = new()
        {
            Status = pod.ToStatus(),
            ContainersStatuses = { members.Select(c => c.ToStatus()) },
            Timestamp = time,
        };
        if (request.Verbose)
        {
            int pid = members.FirstOrDefault(c => c.Pid > 0)?.Pid ?? 0;
            response.Info["info"] = VerboseInfo.OfPod(pod, pid, monitors.Find(pod.Id)?.Pid ?? 0, state.Directories);
        }

        return Task.FromResult(response);
    }

    public override Task<Cri.ListPodSandboxResponse> ListPodSandbox(Cri.ListPodSandboxRequest request, ServerCallContext context)
    {
        Cri.ListPodSandboxResponse response = new();
        foreach (PodSandbox pod in state.Pods.Current.Values)
        {
            if (pod.Matches(request.Filter))
                response.Items.Add(pod.ToListItem());
        }

        return Task.FromResult(response);
    }

    private PodSandbox VisiblePod(string id)
    {
        PodSandbox pod = state.Pods.Get(Required("pod_sandbox_id", id));
        return pod.IsVisible() ? pod : throw CriException.NotFound($"pod sandbox {id} does not exist");
    }

    private static string Required(string field, string value) =>
        value.Length > 0 ? value : throw CriException.InvalidArgument($"{field} is empty");
}
