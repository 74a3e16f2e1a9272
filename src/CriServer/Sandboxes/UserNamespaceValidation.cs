using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Specs;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>What a request for a user namespace, and one inside of it, must be (KEP-127). The rules are containerd's and cri-o's, and the kernel's.</summary>
public static class UserNamespaceValidation
{
    /// <summary>The kernel takes 340 lines (user_namespaces(7)).</summary>
    private const int MaxRanges = 340;

    private const string Field = "namespace_options.userns_options";

    /// <summary>A pod's options.</summary>
    /// <exception cref="CriException">InvalidArgument naming the field.</exception>
    public static void CheckPod(NamespaceOptions options)
    {
        CheckMode(options.UserNamespace);
        if (options.OwnUserNamespace is null)
            return;
        // The kernel mounts /proc and /dev/mqueue only for the user namespace that owns what they show, and the Kubernetes API has no such pods.
        if (options.Pid == NamespaceMode.Node)
            throw CriException.InvalidArgument($"{Field}: a pod with a user namespace can't use the node's pid namespace");
        if (options.Ipc == NamespaceMode.Node)
            throw CriException.InvalidArgument($"{Field}: a pod with a user namespace can't use the node's ipc namespace");
    }

    /// <summary>A container's options beside its pod's: one user namespace for all.</summary>
    /// <exception cref="CriException">InvalidArgument naming the field.</exception>
    public static void CheckContainer(NamespaceOptions pod, ContainerConfig container)
    {
        NamespaceOptions options = container.Security.Namespaces;
        CheckMode(options.UserNamespace);
        if (!Same(pod.OwnUserNamespace, options.OwnUserNamespace))
            throw CriException.InvalidArgument($"{Field} of the container must be the pod's: {Text(options.OwnUserNamespace)} is not {Text(pod.OwnUserNamespace)}");
        if (pod.OwnUserNamespace is not null)
        {
            if (options.Pid == NamespaceMode.Node)
                throw CriException.InvalidArgument($"{Field}: a container with a user namespace can't use the node's pid namespace");
            return;
        }

        foreach (ContainerMount mount in container.Mounts)
        {
            if (mount is { ImageVolume: not null, IdMappings: not null })
                throw CriException.InvalidArgument($"config.mounts of {TextLimits.Shorten(mount.ContainerPath)}: the ids of an image volume can be mapped only in a pod with a user namespace");
        }
    }

    /// <summary>The user and groups must be in the pod's ranges, or the process could not become them.</summary>
    /// <exception cref="CriException">InvalidArgument naming the id.</exception>
    public static void CheckUser(NamespaceOptions pod, ResolvedUser user)
    {
        if (pod.OwnUserNamespace is not { } own)
            return;
        if (own.HostUser(user.Uid) is null)
            throw CriException.InvalidArgument($"user {user.Uid} is not in the pod's user namespace, which has the users {Text(own.Uids)}");
        foreach (uint group in (IEnumerable<uint>)[user.Gid, .. user.AdditionalGids])
        {
            if (own.HostGroup(group) is null)
                throw CriException.InvalidArgument($"group {group} is not in the pod's user namespace, which has the groups {Text(own.Gids)}");
        }
    }

    /// <summary>The mappings of a volume.</summary>
    /// <exception cref="CriException">InvalidArgument naming the mount.</exception>
    public static void CheckMount(string mount, MountIdMappings mappings)
    {
        if (mappings.Uids.Count == 0 || mappings.Gids.Count == 0)
            throw CriException.InvalidArgument($"{mount}: uidMappings and gidMappings go together");
        CheckRanges($"{mount}: uidMappings", mappings.Uids);
        CheckRanges($"{mount}: gidMappings", mappings.Gids);
    }

    private static void CheckMode(UserNamespaceOptions? options)
    {
        switch (options?.Mode)
        {
            case null:
                return;
            case NamespaceMode.Node when options.Uids.Count + options.Gids.Count > 0:
                throw CriException.InvalidArgument($"{Field}: mode NODE has no mappings");
            case NamespaceMode.Node:
                return;
            case NamespaceMode.Pod:
                CheckMap($"{Field}.uids", options.Uids);
                CheckMap($"{Field}.gids", options.Gids);
                return;
            default:
                throw CriException.InvalidArgument($"{Field}.mode is POD or NODE, not {options.Mode}");
        }
    }

    /// <summary>One range that begins with root: the kubelet sends no other, and without root nothing could be set up.</summary>
    private static void CheckMap(string field, IReadOnlyList<IdRange> ranges)
    {
        if (ranges.Count != 1)
            throw CriException.InvalidArgument($"{field}: mode POD has exactly one mapping, not {ranges.Count}");
        CheckRanges(field, ranges);
        if (ranges[0].ContainerId != 0)
            throw CriException.InvalidArgument($"{field}: container_id 0 must be mapped, and the mapping begins with {ranges[0].ContainerId}");
    }

    private static void CheckRanges(string field, IReadOnlyList<IdRange> ranges)
    {
        if (ranges.Count > MaxRanges)
            throw CriException.InvalidArgument($"{field} has {ranges.Count} mappings; Linux takes {MaxRanges}");
        for (int i = 0; i < ranges.Count; i++)
        {
            IdRange range = ranges[i];
            if (range.Length == 0)
                throw CriException.InvalidArgument($"{field}: a mapping has the length 0");
            // The highest number is no id: (uid_t)-1 means "unchanged" to chown(2) and setresuid(2).
            if ((ulong)range.ContainerId + range.Length > uint.MaxValue || (ulong)range.HostId + range.Length > uint.MaxValue)
                throw CriException.InvalidArgument($"{field}: {Text([range])} goes beyond the last id, {uint.MaxValue - 1}");
            for (int other = 0; other < i; other++)
            {
                if (Overlap(range.ContainerId, ranges[other].ContainerId, range, ranges[other]) || Overlap(range.HostId, ranges[other].HostId, range, ranges[other]))
                    throw CriException.InvalidArgument($"{field}: {Text([range])} overlaps {Text([ranges[other]])}");
            }
        }
    }

    private static bool Overlap(uint start, uint otherStart, IdRange range, IdRange other) =>
        start < (ulong)otherStart + other.Length && otherStart < (ulong)start + range.Length;

    private static bool Same(UserNamespaceOptions? a, UserNamespaceOptions? b) =>
        a is null || b is null ? a is null && b is null : a.Uids.SequenceEqual(b.Uids) && a.Gids.SequenceEqual(b.Gids);

    private static string Text(UserNamespaceOptions? options) =>
        options is null ? "the node's" : $"uids {Text(options.Uids)} gids {Text(options.Gids)}";

    private static string Text(IReadOnlyList<IdRange> ranges) =>
        string.Join(',', ranges.Select(static r => $"{r.ContainerId}-{(ulong)r.ContainerId + r.Length - 1} (host {r.HostId})"));
}
