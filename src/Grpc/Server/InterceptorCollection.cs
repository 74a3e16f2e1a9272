using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server;

/// <summary>The interceptor chain, outermost first.</summary>
public sealed class InterceptorCollection
{
    private readonly List<Func<IServiceProvider, Interceptor>> _factories = [];

    public int Count => _factories.Count;

    /// <summary>Adds an object that serves all calls.</summary>
    public void Add(Interceptor interceptor)
    {
        ArgumentNullException.ThrowIfNull(interceptor);
        _factories.Add(_ => interceptor);
    }

    /// <summary>Adds an interceptor that the container knows as a singleton; it is resolved when services are mapped.</summary>
    public void Add<TInterceptor>()
        where TInterceptor : Interceptor =>
        _factories.Add(services => services.GetRequiredService<TInterceptor>());

    internal Interceptor[] Resolve(IServiceProvider services) => [.. _factories.Select(factory => factory(services))];
}
