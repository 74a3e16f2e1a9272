using System.Net;

namespace CriRuntime.CriServer.Observability.Tracing;

/// <summary>The connection to a collector, for both protocols. What a hostile collector may send is bounded.</summary>
internal static class CollectorTransport
{
    /// <summary>Of an answer; the answers that OTLP knows are a few hundred bytes.</summary>
    internal const int LongestAnswer = 64 << 10;

    internal static SocketsHttpHandler Create(TracingSettings settings) => new()
    {
        // The collector is the node's or the cluster's; proxies in the environment are for registries.
        UseProxy = false,
        UseCookies = false,
        // Headers may be credentials, which are for nobody that the collector names.
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        MaxConnectionsPerServer = 1,
        MaxResponseHeadersLength = 16,
        MaxResponseDrainSize = LongestAnswer,
        ConnectTimeout = settings.Patience,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
        // A connection whose other end is gone silently is not asked again for ever, and a collector that moved is found.
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        SslOptions = settings.Tls,
    };
}
