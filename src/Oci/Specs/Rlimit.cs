namespace CriRuntime.Oci.Specs;

/// <summary>One resource limit, setrlimit(2).</summary>
public sealed record Rlimit
{
    private readonly string? type;

    /// <summary><c>RLIMIT_NOFILE</c> and the like.</summary>
    public string Type { get => type ?? ""; init => type = value; }

    public ulong Soft { get; init; }

    public ulong Hard { get; init; }
}
