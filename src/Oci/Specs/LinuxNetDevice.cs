namespace CriRuntime.Oci.Specs;

/// <summary>A network device moved into the container's network namespace (runtime-spec 1.3, netDevices).</summary>
public sealed record LinuxNetDevice
{
    /// <summary>Name in the container; null keeps the host's.</summary>
    public string? Name { get; init; }
}
