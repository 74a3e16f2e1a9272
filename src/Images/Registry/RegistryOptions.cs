namespace CriRuntime.Images.Registry;

/// <summary>How registries are reached. Validated when a client is made of it.</summary>
public sealed record RegistryOptions
{
    /// <summary>The key of <see cref="Registries"/> whose mirrors serve every registry that names none itself.</summary>
    public const string AllRegistries = "*";

    /// <summary>
    /// Settings by registry host, with its port where it has one: <c>docker.io</c>, <c>10.0.0.1:5000</c>. A mirror's
    /// own TLS settings stand under the mirror's host.
    /// </summary>
    public IReadOnlyDictionary<string, RegistryHostOptions> Registries { get; init; } =
        new Dictionary<string, RegistryHostOptions>();

    /// <summary>For TCP and TLS together.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>From sending a request to its response headers; a whole token or manifest exchange.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A blob download that brings no byte for so long is broken off and resumed.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Bytes per second below which, on average over <see cref="ThroughputWindow"/>, a download counts as stalled; 0: no limit.</summary>
    public long MinimumThroughput { get; init; } = 1024;

    /// <summary>What <see cref="MinimumThroughput"/> is averaged over.</summary>
    public TimeSpan ThroughputWindow { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Tries of one request per endpoint; also resumptions of a blob without a byte of progress between them. At least 1.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>The wait before the second try; it doubles from there, with jitter.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest wait between tries; a Retry-After beyond it ends the tries.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest manifest or index accepted, in bytes.</summary>
    public int MaxManifestSize { get; init; } = 4 << 20;

    /// <summary>The largest blob accepted, in bytes.</summary>
    public long MaxBlobSize { get; init; } = 64L << 30;

    /// <summary>Connections to one host at a time.</summary>
    public int MaxConnectionsPerHost { get; init; } = 16;

    public string UserAgent { get; init; } = "criruntime";
}
