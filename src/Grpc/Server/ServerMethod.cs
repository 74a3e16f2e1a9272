using Grpc.Core;

namespace Grpc.AspNetCore.Server;

/// <summary>A mapped method: reads the request, runs the interceptors and the service, writes the response.</summary>
internal abstract class ServerMethod
{
    internal abstract Task InvokeAsync(ServerCall call);
}

/// <inheritdoc/>
internal sealed class UnaryMethod<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    UnaryServerMethod<TRequest, TResponse> handler) : ServerMethod
    where TRequest : class
    where TResponse : class
{
    internal override async Task InvokeAsync(ServerCall call)
    {
        TRequest request = await call.ReadRequestAsync(method.RequestMarshaller).ConfigureAwait(false);
        TResponse response = await handler(request, call).ConfigureAwait(false)
            ?? throw new RpcException(new Status(StatusCode.Internal, $"{method.FullName} returned no response."));

        // no flush: headers, message and trailers leave in one write
        if (call.Status.StatusCode == StatusCode.OK) call.WriteMessage(response, method.ResponseMarshaller);
    }
}

/// <inheritdoc/>
internal sealed class ServerStreamingMethod<TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    ServerStreamingServerMethod<TRequest, TResponse> handler) : ServerMethod
    where TRequest : class
    where TResponse : class
{
    internal override async Task InvokeAsync(ServerCall call)
    {
        TRequest request = await call.ReadRequestAsync(method.RequestMarshaller).ConfigureAwait(false);
        await handler(request, new ResponseStream<TResponse>(call, method.ResponseMarshaller), call).ConfigureAwait(false);
    }
}
