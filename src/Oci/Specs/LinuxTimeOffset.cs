namespace CriRuntime.Oci.Specs;

/// <summary>Offset of a clock, time_namespaces(7).</summary>
public sealed record LinuxTimeOffset
{
    public long Secs { get; init; }

    public uint Nanosecs { get; init; }
}
