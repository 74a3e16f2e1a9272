namespace CriRuntime.Oci.Planning;

/// <summary>A program of the host to be started: another runtime's binary.</summary>
/// <param name="Title">What it does, for messages: <c>runc create of container web</c>.</param>
/// <param name="Path">Absolute.</param>
/// <param name="Arguments">Without the program's own name.</param>
/// <param name="Directory">Where it runs; absolute.</param>
public sealed record ProgramStart(string Title, string Path, IReadOnlyList<string> Arguments, string Directory)
{
    /// <summary>Mounted in a mount namespace that the program has to itself and what it starts inherits: the host has no mount that could be left behind. Null: neither.</summary>
    public OverlayRootfs? Rootfs { get; init; }

    /// <summary>Of the mounts in that namespace, as in the specification's <c>linux.rootfsPropagation</c>: with <c>rshared</c> mounts made there reach the host.</summary>
    public string RootfsPropagation { get; init; } = "";
}
