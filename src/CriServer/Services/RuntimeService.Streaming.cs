using CriRuntime.CriServer.Streaming;
using Grpc.Core;
using Cri = Runtime.V1;

namespace CriRuntime.CriServer.Services;

/// <content>Streams: each answers with the URL at which the client gets them.</content>
public sealed partial class RuntimeService
{
    public override async Task<Cri.ExecResponse> Exec(Cri.ExecRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        StreamSelection streams = new(request.Stdin, request.Stdout, request.Stderr, request.Tty);
        return new Cri.ExecResponse { Url = issueStreams.Exec(Required("container_id", request.ContainerId), [.. request.Cmd], streams).AbsoluteUri };
    }

    public override async Task<Cri.AttachResponse> Attach(Cri.AttachRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        StreamSelection streams = new(request.Stdin, request.Stdout, request.Stderr, request.Tty);
        return new Cri.AttachResponse { Url = issueStreams.Attach(Required("container_id", request.ContainerId), streams).AbsoluteUri };
    }

    public override async Task<Cri.PortForwardResponse> PortForward(Cri.PortForwardRequest request, ServerCallContext context)
    {
        await recovery.PassAsync(context.CancellationToken).ConfigureAwait(false);
        return new Cri.PortForwardResponse { Url = issueStreams.PortForward(Required("pod_sandbox_id", request.PodSandboxId), [.. request.Port]).AbsoluteUri };
    }
}
