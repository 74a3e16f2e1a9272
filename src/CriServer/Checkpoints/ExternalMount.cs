using CriRuntime.CriServer.Errors;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>A mount that is not in the checkpoint: what the container has there when it is restored comes from its new pod.</summary>
/// <param name="MountPoint">Where the kernel says that it is, links followed.</param>
/// <param name="Key">What names it when it is restored: the destination in the specification.</param>
/// <param name="Source">The host's path; empty for what the runtime makes.</param>
public sealed record ExternalMount(string MountPoint, string Key, string Source);

/// <summary>Which mounts those are. Pure.</summary>
public static class ExternalMounts
{
    private static readonly HashSet<string> Saved = new(StringComparer.Ordinal) { "proc", "sysfs", "tmpfs", "devpts", "mqueue" };

    /// <param name="mounts">The container's, the root among them.</param>
    /// <param name="spec">Of the container.</param>
    /// <param name="bindIds">The ids of the mounts to which the specification's bind mounts lead, by their destination.</param>
    /// <exception cref="CriException">FailedPrecondition: there is one that can neither be saved nor be found again.</exception>
    public static IReadOnlyList<ExternalMount> Find(IReadOnlyList<MountLine> mounts, Spec spec, IReadOnlyDictionary<int, Mount> bindIds)
    {
        List<ExternalMount> found = [];
        foreach (MountLine mount in mounts.Where(mount => mount.MountPoint != "/"))
        {
            if (mount.MountPoint.AsSpan().ContainsAny("[]:\n"))
                throw CriException.FailedPrecondition($"the mount at {mount.MountPoint} can't be saved: criu does not take its name");
            if (bindIds.TryGetValue(mount.Id, out Mount? bind))
                found.Add(new ExternalMount(mount.MountPoint, bind.Destination, bind.Source ?? ""));
            else if (mount.Type is "cgroup" or "cgroup2" || IsMasked(mount, spec) || TerminalName.Of(mount) is not null)
                found.Add(new ExternalMount(mount.MountPoint, mount.MountPoint, ""));
            else if (!Saved.Contains(mount.Type))
                throw CriException.FailedPrecondition($"the mount at {mount.MountPoint} ({mount.Type}) can't be saved: it is neither the container's own nor one that its pod gave it");
        }

        return found;
    }

    /// <summary>The host's paths for a checkpoint's mounts, in the container that is restored.</summary>
    /// <param name="keys">As the checkpoint names them; hostile.</param>
    /// <param name="spec">The new specification.</param>
    /// <param name="cgroups">The new container's directories.</param>
    /// <param name="console">What its terminal covers; null: it has none.</param>
    /// <exception cref="CriException">FailedPrecondition: the new container has no such mount.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Sources(IEnumerable<string> keys, Spec spec, IReadOnlyList<CgroupDirectory> cgroups, string? console)
    {
        List<KeyValuePair<string, string>> sources = [];
        foreach (string key in keys)
        {
            string source = spec.Mounts.LastOrDefault(mount => IsBind(mount) && mount.Destination == key)?.Source
                ?? cgroups.FirstOrDefault(directory => directory.Path.StartsWith(key + "/", StringComparison.Ordinal) && IsHierarchy(key))?.Path
                ?? (key == TerminalName.Console ? console : null)
                ?? (spec.Linux?.MaskedPaths.Contains(key) == true || IsProtected(key) ? "/dev/null" : null)
                ?? throw CriException.FailedPrecondition($"the checkpoint has a mount at {Sandboxes.TextLimits.Shorten(key)}, and the container to be restored has none there: add it to config.mounts");
            if (key.AsSpan().ContainsAny("[]:\n\0") || source.AsSpan().ContainsAny("\n\0"))
                throw CriException.InvalidArgument("the checkpoint has a mount whose name criu does not take");
            sources.Add(new KeyValuePair<string, string>(key, source));
        }

        return sources;
    }

    public static bool IsBind(Mount mount) => mount.Type == "bind" || mount.Options.Contains("bind") || mount.Options.Contains("rbind");

    /// <summary>A file that was hidden under the null device.</summary>
    private static bool IsMasked(MountLine mount, Spec spec) =>
        mount.Root == "/null" && (spec.Linux?.MaskedPaths.Contains(mount.MountPoint) == true || IsProtected(mount.MountPoint));

    private static bool IsProtected(string path) => path.StartsWith("/proc/", StringComparison.Ordinal) || path.StartsWith("/sys/", StringComparison.Ordinal);

    private static bool IsHierarchy(string key) => key == "/sys/fs/cgroup" || key.StartsWith("/sys/fs/cgroup/", StringComparison.Ordinal);
}
