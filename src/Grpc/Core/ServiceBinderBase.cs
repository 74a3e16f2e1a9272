namespace Grpc.Core;

/// <summary>Receives a service's methods from the generated <c>BindService(ServiceBinderBase, ServiceBase)</c>.</summary>
public abstract class ServiceBinderBase
{
    public virtual void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        UnaryServerMethod<TRequest, TResponse>? handler)
        where TRequest : class
        where TResponse : class =>
        throw new NotSupportedException($"{GetType()} takes no unary methods.");

    public virtual void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        ServerStreamingServerMethod<TRequest, TResponse>? handler)
        where TRequest : class
        where TResponse : class =>
        throw new NotSupportedException($"{GetType()} takes no server streaming methods.");
}
