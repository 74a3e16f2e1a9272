using System.Net.Security;

namespace CriRuntime.CriServer.Observability.Tracing;

/// <summary>Where spans go, and which calls have some.</summary>
internal sealed record TracingSettings
{
    /// <summary>What requests are sent to, http or https; for gRPC only the host and port count.</summary>
    public required Uri Target { get; init; }

    /// <summary>OTLP over gRPC, and not over HTTP with protobuf bodies.</summary>
    public bool Grpc { get; init; }

    /// <summary>Requests are compressed by gzip.</summary>
    public bool Compress { get; init; }

    /// <summary>Sent with every request; their values are secrets.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Whom https trusts, and as whom it shows itself.</summary>
    public SslClientAuthenticationOptions Tls { get; init; } = new();

    /// <summary>How many of a million calls without a traced caller are recorded, 0 to 1000000. What a traced caller asks for always is.</summary>
    public int SamplingRatePerMillion { get; init; }

    /// <summary><c>service.name</c> of what is exported.</summary>
    public string ServiceName { get; init; } = "criruntime";

    /// <summary>Ended spans that wait for the collector; what comes on top is dropped and counted.</summary>
    public int QueueLimit { get; init; } = 2048;

    /// <summary>Spans are gathered for so long, and sent together.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Before a request that failed is repeated; twice as long each time.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>For one request.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);
}
