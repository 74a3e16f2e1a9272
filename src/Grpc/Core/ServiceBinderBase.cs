using Grpc.AspNetCore.Server;
using Grpc.Core.Interceptors;

namespace Grpc.Core;

/// <summary>
/// Receives a service's methods from the generated <c>BindService(ServiceBinderBase, ServiceBase)</c>. <c>AddMethod</c> is not virtual as Grpc.Core.Api's is:
/// NativeAOT looks for each instantiation of a generic virtual method when it is first called, half a millisecond for each method of a service.
/// </summary>
public abstract class ServiceBinderBase
{
    private protected ServiceBinderBase()
    {
    }

    public void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        UnaryServerMethod<TRequest, TResponse>? handler)
        where TRequest : class
        where TResponse : class
    {
        ArgumentNullException.ThrowIfNull(handler);
        Add(method, interceptors => new UnaryMethod<TRequest, TResponse>(method, InterceptorChain.Wrap(interceptors, handler)));
    }

    public void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        ServerStreamingServerMethod<TRequest, TResponse>? handler)
        where TRequest : class
        where TResponse : class
    {
        ArgumentNullException.ThrowIfNull(handler);
        Add(method, interceptors => new ServerStreamingMethod<TRequest, TResponse>(method, InterceptorChain.Wrap(interceptors, handler)));
    }

    /// <param name="implement">Wraps the method in interceptors.</param>
    private protected abstract void Add(IMethod method, Func<IReadOnlyList<Interceptor>, ServerMethod> implement);
}
