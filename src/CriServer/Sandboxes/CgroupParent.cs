using CriRuntime.CriServer.Errors;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>Where a pod's containers lie in the cgroup hierarchies (cgroupfs driver).</summary>
public static class CgroupParent
{
    private const int MaxLength = 2048;

    /// <exception cref="CriException">InvalidArgument for a path that leaves the hierarchy or is no path.</exception>
    public static void Check(string path)
    {
        if (path.Length > MaxLength)
            throw CriException.InvalidArgument($"linux.cgroup_parent has {path.Length} characters; at most {MaxLength} are allowed");
        foreach (string part in path.Split('/'))
        {
            if (part is "." or ".." || part.Length > 255 || part.Any(char.IsControl))
                throw CriException.InvalidArgument($"linux.cgroup_parent \"{TextLimits.Shorten(path)}\": \"{TextLimits.Shorten(part)}\" is not allowed in it");
        }
    }

    /// <summary>The pod's cgroup: the kubelet's, or one of the pod's own below the default parent.</summary>
    public static (string Path, bool Owned) Resolve(string requested, string defaultParent, string podId)
    {
        string clean = string.Join('/', requested.Split('/', StringSplitOptions.RemoveEmptyEntries));
        return clean.Length > 0 ? ("/" + clean, false) : ($"{defaultParent}/{podId}", true);
    }
}
