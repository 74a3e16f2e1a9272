using CriRuntime.Linux;

namespace CriRuntime.Conmon.Protocol;

/// <summary>A process to be started in a running container. The descriptors are duplicated into it; the caller disposes its own.</summary>
/// <param name="ContainerId">The container.</param>
/// <param name="Plan">A launch plan that joins the container.</param>
public sealed record ExecRequest(string ContainerId, ReadOnlyMemory<byte> Plan)
{
    /// <summary>Null: /dev/null. With Terminal all three must be null.</summary>
    public FileDescriptor? Stdin { get; init; }

    public FileDescriptor? Stdout { get; init; }

    public FileDescriptor? Stderr { get; init; }

    /// <summary>The plan makes a pseudo-terminal, whose master side comes back in <see cref="MonitorExec.Terminal"/>.</summary>
    public bool Terminal { get; init; }

    /// <summary>
    /// The directory of the cgroup that the plan makes for this process alone (v2: exec-NAME below the container's). When the process
    /// ends, whatever is left in it is killed and it is removed. Empty: none; then what the process leaves behind lives on.
    /// </summary>
    public string CgroupDirectory { get; init; } = "";

    /// <summary>The plan starts another runtime's binary that starts the process; null: it clones the process.</summary>
    public BinaryOptions? Binary { get; init; }
}
