namespace CriRuntime.Oci.Specs;

/// <summary>Execution domain, personality(2).</summary>
public sealed record LinuxPersonality
{
    private readonly string? domain;
    private readonly IReadOnlyList<string>? flags;

    public IReadOnlyList<string> Flags { get => flags ?? []; init => flags = value; }

    /// <summary><c>LINUX</c> or <c>LINUX32</c>.</summary>
    public string Domain { get => domain ?? ""; init => domain = value; }
}
