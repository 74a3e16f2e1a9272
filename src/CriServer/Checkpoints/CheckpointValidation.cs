using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>Which containers can be saved and restored.</summary>
public static class CheckpointValidation
{
    /// <exception cref="CriException">InvalidArgument: the location is no absolute path of a file to be.</exception>
    public static void CheckLocation(string field, string location)
    {
        if (!location.StartsWith('/') || location.EndsWith('/') || location.Contains('\0'))
            throw CriException.InvalidArgument($"{field} \"{Sandboxes.TextLimits.Shorten(location)}\" is not the absolute path of a file");
        if (!Directory.Exists(Path.GetDirectoryName(location)))
            throw CriException.InvalidArgument($"{field} {Sandboxes.TextLimits.Shorten(location)}: its directory does not exist");
        if (Directory.Exists(location))
            throw CriException.InvalidArgument($"{field} {Sandboxes.TextLimits.Shorten(location)} is a directory");
    }

    /// <summary>The CRI leaves their meaning to the runtime; this one has none.</summary>
    /// <exception cref="CriException">InvalidArgument naming one.</exception>
    public static void CheckOptions(IReadOnlyDictionary<string, string> options)
    {
        if (options.Keys.FirstOrDefault() is { } key)
            throw CriException.InvalidArgument($"options has \"{Sandboxes.TextLimits.Shorten(key)}\", which this runtime does not know");
    }

    /// <exception cref="CriException">FailedPrecondition: it does not run.</exception>
    public static void CheckRunning(Container container)
    {
        if (container.Phase != ContainerPhase.Running)
            throw CriException.FailedPrecondition($"{container} is {container.Phase}, not Running: it can't be checkpointed");
    }

    /// <summary>What holds for the saved container and for the restored one.</summary>
    /// <exception cref="CriException">FailedPrecondition naming what is in the way.</exception>
    public static void CheckKind(Container container, Spec spec)
    {
        IReadOnlyList<LinuxNamespace> namespaces = spec.Linux?.Namespaces ?? [];
        if (namespaces.Any(ns => ns.Type == LinuxNamespaceType.User))
            throw CriException.FailedPrecondition($"{container} has a user namespace of its pod: it can't be checkpointed or restored");
        if (!namespaces.Any(ns => ns.Type == LinuxNamespaceType.Pid))
            throw CriException.FailedPrecondition($"{container} is in the node's pid namespace, in which others take its pids: it can't be checkpointed or restored");
    }
}
