namespace CriRuntime.Oci.Specs;

/// <summary>Access to a set of devices (config-linux.md, Allowed Device list).</summary>
public sealed record DeviceRule
{
    public bool Allow { get; init; }

    /// <summary><c>a</c> (all; also for null), <c>c</c> or <c>b</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Null for all.</summary>
    public long? Major { get; init; }

    /// <summary>Null for all.</summary>
    public long? Minor { get; init; }

    /// <summary>Of <c>r</c>, <c>w</c> and <c>m</c> (mknod).</summary>
    public string? Access { get; init; }
}
