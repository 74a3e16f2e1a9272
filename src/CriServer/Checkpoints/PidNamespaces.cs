using CriRuntime.CriServer.Errors;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>Whose pid namespace a container is in: a process is restored with the pid that it had, in a namespace of the same kind.</summary>
public static class PidNamespaces
{
    /// <summary>The file of the pid namespace of others (the pod's, another container's) that the container is in; null: it has its own.</summary>
    public static string? SharedIn(Spec spec) =>
        spec.Linux?.Namespaces.FirstOrDefault(static ns => ns.Type == LinuxNamespaceType.Pid)?.Path is { Length: > 0 } path ? path : null;

    /// <exception cref="CriException">FailedPrecondition: the saved container had another kind.</exception>
    public static void CheckSame(bool saved, Spec spec)
    {
        if (saved && SharedIn(spec) is null)
            throw CriException.FailedPrecondition("the saved container shared its pod's pid namespace, and the one to be restored has its own: set namespace_options.pid to POD for it and its pod");
        if (!saved && SharedIn(spec) is not null)
            throw CriException.FailedPrecondition("the saved container had a pid namespace of its own, and the one to be restored shares its pod's: set namespace_options.pid to CONTAINER for it");
    }
}
