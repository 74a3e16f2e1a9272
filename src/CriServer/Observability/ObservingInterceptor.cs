using Grpc.Core;
using Grpc.Core.Interceptors;

namespace CriRuntime.CriServer.Observability;

/// <summary>An interceptor that looks at every call of whatever kind in the same way and changes none.</summary>
public abstract class ObservingInterceptor : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Task<TResponse>? response = null;
        await ObserveAsync(context, () => response = continuation(request, context)).ConfigureAwait(false);
        return await response!.ConfigureAwait(false);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        ObserveAsync(context, () => continuation(request, responseStream, context));

    /// <summary>Calls <paramref name="call"/> once, waits for it, and lets its exception pass.</summary>
    protected abstract Task ObserveAsync(ServerCallContext context, Func<Task> call);

    /// <summary><c>RunPodSandbox</c> of <c>/runtime.v1.RuntimeService/RunPodSandbox</c>.</summary>
    protected static string NameOf(ServerCallContext context) => context.Method[(context.Method.LastIndexOf('/') + 1)..];
}
