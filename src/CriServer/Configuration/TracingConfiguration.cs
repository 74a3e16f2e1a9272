namespace CriRuntime.CriServer.Configuration;

/// <summary>
/// Where traces go. The keys are called as OpenTelemetry's variables <c>OTEL_EXPORTER_OTLP_*</c> (specification, "OpenTelemetry Protocol Exporter"), which
/// are honoured for keys that are not set (<see cref="OpenTelemetryVariables"/>).
/// </summary>
public sealed record TracingConfiguration
{
    internal const string Http = "http/protobuf";
    internal const string Grpc = "grpc";
    internal const string Gzip = "gzip";
    internal const string NotShown = "(not shown)";

    /// <summary>
    /// Base URL of an OpenTelemetry collector, e.g. <c>http://127.0.0.1:4318</c>; by HTTP, spans are posted to <c>v1/traces</c> below it. For gRPC also <c>host:port</c>.
    /// Empty: no traces, unless <see cref="TracesEndpoint"/> is set.
    /// </summary>
    public string Endpoint { get; init; } = "";

    /// <summary>The URL for spans alone, used as it is, in place of <see cref="Endpoint"/>.</summary>
    public string TracesEndpoint { get; init; } = "";

    /// <summary><c>http/protobuf</c> or <c>grpc</c>.</summary>
    public string Protocol { get; init; } = Http;

    /// <summary>Sent with every request, e.g. <c>authorization</c>. The values are secrets: never logged or printed.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>PEM file of the only authorities that an https collector is verified against. Absolute path; empty: the system's.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>PEM file of a client certificate, with its chain. Absolute path.</summary>
    public string ClientCertificate { get; init; } = "";

    /// <summary>PEM file of the client certificate's key, where it is not in the certificate's file. Absolute path.</summary>
    public string ClientKey { get; init; } = "";

    /// <summary>A gRPC endpoint without a scheme is reached without TLS.</summary>
    public bool Insecure { get; init; }

    /// <summary><c>none</c> or <c>gzip</c>.</summary>
    public string Compression { get; init; } = "none";

    /// <summary>For one request, 1 to 600000.</summary>
    public int TimeoutMilliseconds { get; init; } = 10_000;

    /// <summary>How many of a million calls are traced whose caller does not say, 0 to 1000000. Calls of a traced caller always are.</summary>
    public int SamplingRatePerMillion { get; init; }

    /// <summary>The name under which the collector gets the spans.</summary>
    public string ServiceName { get; init; } = "criruntime";

    /// <summary>Where a request goes: http or https. Null: no traces.</summary>
    /// <exception cref="UriFormatException">The endpoint is no URL; <see cref="TracingRules"/> says so first.</exception>
    internal Uri? Target()
    {
        string endpoint = TracesEndpoint.Length > 0 ? TracesEndpoint : Endpoint;
        if (endpoint.Length == 0)
            return null;
        if (Protocol == Grpc)
            return new Uri(endpoint.Contains("://", StringComparison.Ordinal) ? endpoint : $"{(Insecure ? "http" : "https")}://{endpoint}");
        return new Uri(TracesEndpoint.Length > 0 ? endpoint : $"{endpoint.TrimEnd('/')}/v1/traces");
    }

    /// <summary>With the headers' values hidden.</summary>
    internal TracingConfiguration Redacted() =>
        this with { Headers = Headers.Keys.ToDictionary(static name => name, static _ => NotShown) };
}
