using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Grpc.AspNetCore.Server;

/// <summary>The single endpoint that all gRPC requests reach.</summary>
internal sealed class GrpcEndpointDataSource(GrpcDispatcher dispatcher) : EndpointDataSource
{
    private readonly Endpoint[] _endpoints =
    [
        new RouteEndpoint(
            dispatcher.InvokeAsync,
            RoutePatternFactory.Parse("{service}/{method}"),
            order: int.MaxValue,
            EndpointMetadataCollection.Empty,
            "gRPC"),
    ];

    public override IReadOnlyList<Endpoint> Endpoints => _endpoints;

    public override IChangeToken GetChangeToken() => NullChangeToken.Singleton;
}
