namespace CriRuntime.Oci.Specs;

/// <summary>Limit of huge pages of one size.</summary>
public sealed record HugepageLimit
{
    private readonly string? pageSize;

    /// <summary><c>2MB</c>, <c>1GB</c>, as the kernel's file names say.</summary>
    public string PageSize { get => pageSize ?? ""; init => pageSize = value; }

    /// <summary>Bytes.</summary>
    public ulong Limit { get; init; }
}
