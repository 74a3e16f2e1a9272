namespace CriRuntime.Oci.Specs;

/// <summary>Limits of an RDMA device.</summary>
public sealed record RdmaLimit
{
    public uint? HcaHandles { get; init; }

    public uint? HcaObjects { get; init; }
}
