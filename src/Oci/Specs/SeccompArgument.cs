namespace CriRuntime.Oci.Specs;

/// <summary>A test of one system call argument.</summary>
public sealed record SeccompArgument
{
    private readonly string? op;

    /// <summary>0 to 5.</summary>
    public uint Index { get; init; }

    public ulong Value { get; init; }

    /// <summary>The value to compare with after masking, for SCMP_CMP_MASKED_EQ.</summary>
    public ulong ValueTwo { get; init; }

    /// <summary><c>SCMP_CMP_EQ</c> and the like.</summary>
    public string Op { get => op ?? ""; init => op = value; }
}
