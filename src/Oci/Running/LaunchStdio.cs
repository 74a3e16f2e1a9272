using CriRuntime.Linux;

namespace CriRuntime.Oci.Running;

/// <summary>What the new process gets as descriptors 0, 1 and 2; null is /dev/null. The descriptors stay the caller's. A plan with a terminal replaces all three.</summary>
public sealed record LaunchStdio(FileDescriptor? Stdin, FileDescriptor? Stdout, FileDescriptor? Stderr)
{
    /// <summary>Nothing to read, and whatever is written is lost.</summary>
    public static LaunchStdio None { get; } = new(null, null, null);
}
