namespace CriRuntime.CriServer.Observability.Tracing;

/// <summary>Where spans go, and which calls have some.</summary>
internal sealed record TracingSettings
{
    /// <summary>The collector's base address, http or https; spans go to <c>v1/traces</c> below it.</summary>
    public required Uri Endpoint { get; init; }

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
