namespace CriRuntime.Oci.Specs;

/// <summary>The values of <see cref="ContainerState.Status"/> (runtime.md, State).</summary>
public static class ContainerStatus
{
    public const string Creating = "creating";
    public const string Created = "created";
    public const string Running = "running";
    public const string Stopped = "stopped";

    /// <summary>Not of the specification; what runc reports for a frozen container.</summary>
    public const string Paused = "paused";
}
