namespace CriRuntime.Oci.Specs;

/// <summary>A namespace, new or joined.</summary>
public sealed record LinuxNamespace
{
    private readonly string? type;

    /// <summary>One of <see cref="LinuxNamespaceType"/>.</summary>
    public string Type { get => type ?? ""; init => type = value; }

    /// <summary>A namespace file to join; null for a new namespace.</summary>
    public string? Path { get; init; }
}
