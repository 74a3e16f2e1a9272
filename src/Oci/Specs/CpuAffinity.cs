namespace CriRuntime.Oci.Specs;

/// <summary>CPU lists such as <c>0-3,7</c> for an exec'ed process (config.md, execCPUAffinity).</summary>
public sealed record CpuAffinity
{
    /// <summary>Before the process is moved to the container's cgroup.</summary>
    public string? Initial { get; init; }

    /// <summary>After that.</summary>
    public string? Final { get; init; }
}
