namespace CriRuntime.Oci.Specs;

/// <summary>A device node to make in the container.</summary>
public sealed record LinuxDevice
{
    private readonly string? type;
    private readonly string? path;

    /// <summary><c>c</c>, <c>u</c>, <c>b</c> or <c>p</c>, as mknod(1).</summary>
    public string Type { get => type ?? ""; init => type = value; }

    /// <summary>Absolute path in the container.</summary>
    public string Path { get => path ?? ""; init => path = value; }

    public long Major { get; init; }

    public long Minor { get; init; }

    /// <summary>Permission bits; null for 0666.</summary>
    public uint? FileMode { get; init; }

    public uint? Uid { get; init; }

    public uint? Gid { get; init; }
}
