using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps services into an application.</summary>
public static class GrpcEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps the container's singleton <typeparamref name="TService"/> with the method that generated code has for it:
    /// <c>app.MapGrpcService&lt;MyService&gt;(Greeter.BindService)</c>. (Grpc.AspNetCore finds that method by reflection,
    /// which an AOT program should not need.)
    /// </summary>
    /// <exception cref="InvalidOperationException">A method is mapped twice.</exception>
    public static IEndpointRouteBuilder MapGrpcService<TService>(
        this IEndpointRouteBuilder builder,
        Action<ServiceBinderBase, TService> bindService)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(bindService);
        bindService(Binder(builder), builder.ServiceProvider.GetRequiredService<TService>());
        return builder;
    }

    /// <summary>Maps a service that was bound already: <c>app.MapGrpcService(Greeter.BindService(new MyService()))</c>.</summary>
    /// <exception cref="InvalidOperationException">A method is mapped twice.</exception>
    public static IEndpointRouteBuilder MapGrpcService(this IEndpointRouteBuilder builder, ServerServiceDefinition service)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(service);
        service.BindService(Binder(builder));
        return builder;
    }

    /// <summary>
    /// One route takes every path of two segments, so that an unknown method gets UNIMPLEMENTED and not 404; the table
    /// does the rest. Routes of the application's own, being more specific, win.
    /// </summary>
    private static ServiceBinderBase Binder(IEndpointRouteBuilder builder)
    {
        IServiceProvider services = builder.ServiceProvider;
        if (!builder.DataSources.Any(source => source is GrpcEndpointDataSource))
            builder.DataSources.Add(new GrpcEndpointDataSource(services.GetRequiredService<GrpcDispatcher>()));

        Interceptor[] interceptors = services.GetRequiredService<IOptions<GrpcServiceOptions>>().Value.Interceptors.Resolve(services);
        return services.GetRequiredService<GrpcMethodTable>().Binder(interceptors);
    }
}
