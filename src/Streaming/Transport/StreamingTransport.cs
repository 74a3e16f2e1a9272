using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace CriRuntime.Streaming.Transport;

/// <summary>
/// A transport for Kestrel's TCP listeners that reads only when asked to, in large pieces, and hands the socket over after an upgrade.
/// Kestrel's own reads ahead, 4 KiB at a time, and copies both ways: that is right for requests, but bounds a stream to a fraction of loopback's speed.
/// Other endpoints, unix sockets among them, stay with Kestrel's. Under TLS it works too, without the handing over.
/// </summary>
internal sealed class StreamingTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new StreamingListener((IPEndPoint)endpoint));
}

/// <summary>Registration of the transport.</summary>
public static class StreamingTransportServiceCollectionExtensions
{
    /// <summary>
    /// Has Kestrel's TCP listeners use a transport made for streaming: several times the throughput. Call it after the web host's builder was
    /// created; <see cref="StreamingEndpoints"/> works without it too.
    /// </summary>
    public static IServiceCollection AddStreamingTransport(this IServiceCollection services) =>
        services.AddSingleton<IConnectionListenerFactory, StreamingTransport>();
}
