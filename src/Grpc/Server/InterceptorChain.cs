using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Grpc.AspNetCore.Server;

/// <summary>Wraps a method in the interceptors once, when it is mapped; a call only follows delegates.</summary>
internal static class InterceptorChain
{
    internal static UnaryServerMethod<TRequest, TResponse> Wrap<TRequest, TResponse>(
        IReadOnlyList<Interceptor> interceptors,
        UnaryServerMethod<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class
    {
        for (int i = interceptors.Count - 1; i >= 0; i--)
        {
            Interceptor interceptor = interceptors[i];
            UnaryServerMethod<TRequest, TResponse> inner = method;
            method = (request, context) => interceptor.UnaryServerHandler(request, context, inner);
        }

        return method;
    }

    internal static ServerStreamingServerMethod<TRequest, TResponse> Wrap<TRequest, TResponse>(
        IReadOnlyList<Interceptor> interceptors,
        ServerStreamingServerMethod<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class
    {
        for (int i = interceptors.Count - 1; i >= 0; i--)
        {
            Interceptor interceptor = interceptors[i];
            ServerStreamingServerMethod<TRequest, TResponse> inner = method;
            method = (request, stream, context) => interceptor.ServerStreamingServerHandler(request, stream, context, inner);
        }

        return method;
    }
}
