using Grpc.AspNetCore.Server;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds gRPC to a container.</summary>
public static class GrpcServiceExtensions
{
    /// <summary>Services and interceptors themselves are added by the caller, as singletons.</summary>
    public static IServiceCollection AddGrpc(this IServiceCollection services, Action<GrpcServiceOptions>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions();
        services.AddLogging();
        services.TryAddSingleton<GrpcMethodTable>();
        services.TryAddSingleton<GrpcDispatcher>();
        if (configureOptions is not null) services.Configure(configureOptions);
        return services;
    }
}
