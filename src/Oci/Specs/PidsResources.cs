namespace CriRuntime.Oci.Specs;

/// <summary>Number of tasks.</summary>
public sealed record PidsResources
{
    /// <summary>-1 for no limit; 0 means no limit was asked for.</summary>
    public long? Limit { get; init; }
}
