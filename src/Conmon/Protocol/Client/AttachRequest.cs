using CriRuntime.Linux;

namespace CriRuntime.Conmon.Protocol;

/// <summary>
/// A wish to see a container's output from now on, and to be its stdin. The descriptors are duplicated into the monitor; the caller
/// disposes its own copies of them once the attachment has begun, so that the other ends see theirs.
/// </summary>
/// <param name="ContainerId">A container that is created or runs.</param>
public sealed record AttachRequest(string ContainerId)
{
    /// <summary>The reading end of a pipe. Its end closes the container's stdin where the container was made with StdinOnce.</summary>
    public FileDescriptor? Stdin { get; init; }

    /// <summary>The writing end of a pipe, which the monitor makes non-blocking, and 1 MiB large when it is full for the first time.</summary>
    public FileDescriptor? Stdout { get; init; }

    /// <summary>As <see cref="Stdout"/>. A container with a terminal has no stderr: the pipe ends at once.</summary>
    public FileDescriptor? Stderr { get; init; }
}
