using System.Globalization;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>
/// criu's command lines (criu(8)). It runs in the pod's network, ipc and uts namespaces, so that those are not part of a checkpoint: the container comes back in those of its new pod.
/// A shared pid namespace is entered by criu itself, and the container's processes get the pids there that they had. Cgroups are ours. Established TCP connections are closed: their other end knows another address.
/// </summary>
public static class CriuCommand
{
    /// <summary>What a shared pid namespace is called in the images.</summary>
    private const string PidNamespaceKey = "pod-pid";

    /// <summary>Any that no stream has and a shell can open.</summary>
    private const string PidNamespaceFd = "3";

    private static readonly string[] Common = ["-v4", "--manage-cgroups=ignore", "--tcp-close", "--file-locks", "--ext-unix-sk"];

    /// <summary>Saves a process tree, which then goes on.</summary>
    public static IReadOnlyList<string> Dump(CriuDump dump)
    {
        List<string> command = [dump.NsEnter, .. dump.Namespaces.Select(ns => $"--{ns.Kind}={ns.Path}"), "--", dump.Criu, "dump"];
        command.AddRange(["--tree", dump.Pid.ToString(CultureInfo.InvariantCulture), "--leave-running"]);
        command.AddRange(["--images-dir", dump.Images, "--work-dir", dump.Work, "--log-file", CheckpointNames.DumpLog, "--action-script", dump.ActionScript]);
        command.AddRange(Common);
        foreach (ExternalMount mount in dump.Mounts)
            command.AddRange(["--external", $"mnt[{mount.MountPoint}]:{mount.Key}"]);
        foreach (string stream in dump.Streams.Where(static stream => stream.Length > 0 && !stream.StartsWith("pipe:", StringComparison.Ordinal)).Distinct())
            command.AddRange(["--external", stream]);
        if (dump.SharedPids is { } inode)
            command.AddRange(["--external", string.Create(CultureInfo.InvariantCulture, $"pid[{inode}]:{PidNamespaceKey}")]);
        return command;
    }

    /// <summary>Brings it back. Its standard streams become those of criu, which ends when all is there.</summary>
    public static IReadOnlyList<string> Restore(CriuRestore restore)
    {
        List<string> command = restore.SharedPids is { } pids
            ? ["/bin/sh", "-c", $"exec {PidNamespaceFd}< \"$0\" && exec \"$@\"", pids, restore.Criu, "restore", "--inherit-fd", $"fd[{PidNamespaceFd}]:{PidNamespaceKey}"]
            : [restore.Criu, "restore"];
        command.AddRange(["--restore-detached", "--pidfile", restore.PidFile, "--root", restore.Root]);
        command.AddRange(["--images-dir", restore.Images, "--work-dir", restore.Work, "--log-file", CheckpointNames.RestoreLog]);
        command.AddRange(Common);
        foreach ((string key, string source) in restore.Mounts)
            command.AddRange(["--external", $"mnt[{key}]:{source}"]);
        HashSet<string> inherited = [];
        for (int i = 0; i < restore.Streams.Count; i++)
        {
            if (restore.Streams[i].Length > 0 && inherited.Add(restore.Streams[i]))
                command.AddRange(["--inherit-fd", string.Create(CultureInfo.InvariantCulture, $"fd[{i}]:{restore.Streams[i]}")]);
        }

        return command;
    }
}

/// <param name="Kind">nsenter's option: <c>net</c>, <c>ipc</c> or <c>uts</c>.</param>
public sealed record EnteredNamespace(string Kind, string Path);

/// <summary>What is saved, and where.</summary>
public sealed record CriuDump
{
    public required string Criu { get; init; }

    public required string NsEnter { get; init; }

    public required IReadOnlyList<EnteredNamespace> Namespaces { get; init; }

    /// <summary>The first process, in the host's pid namespace.</summary>
    public required int Pid { get; init; }

    public required string Images { get; init; }

    public required string Work { get; init; }

    public required string ActionScript { get; init; }

    public required IReadOnlyList<ExternalMount> Mounts { get; init; }

    /// <summary>The inode of the pid namespace, where it is the pod's or another container's; null where the container has its own.</summary>
    public long? SharedPids { get; init; }

    /// <summary>The names that criu has for what descriptors 0 to 2 lead to outside; empty for what is the container's own.</summary>
    public required IReadOnlyList<string> Streams { get; init; }
}

/// <summary>What is restored, and from where.</summary>
public sealed record CriuRestore
{
    public required string Criu { get; init; }

    public required string PidFile { get; init; }

    /// <summary>Where the root file system is mounted.</summary>
    public required string Root { get; init; }

    public required string Images { get; init; }

    public required string Work { get; init; }

    /// <summary>The file of the pid namespace that the container shares; null where it has its own.</summary>
    public string? SharedPids { get; init; }

    /// <summary>The host's path of each external mount, by the key that the dump gave it.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Mounts { get; init; }

    /// <inheritdoc cref="CriuDump.Streams"/>
    public required IReadOnlyList<string> Streams { get; init; }
}
