using CriRuntime.CriServer.Cgroups;
using CriRuntime.CriServer.Errors;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Systemd;

namespace CriRuntime.CriServer.Sandboxes;

/// <summary>Where a pod's containers lie in the cgroup hierarchies. Whatever the driver, it comes down to a path below the hierarchies' roots.</summary>
public static class CgroupParent
{
    private const int MaxLength = 2048;

    /// <exception cref="CriException">InvalidArgument for what leaves the hierarchy, or is not what the driver takes.</exception>
    public static void Check(string parent, CgroupDriver driver)
    {
        if (driver == CgroupDriver.Systemd)
            CheckSlice(parent);
        else
            CheckPath(parent);
    }

    /// <summary>The pod's cgroup: the kubelet's, or one of the pod's own below the default parent.</summary>
    public static (string Path, bool Owned) Resolve(string requested, string defaultParent, string podId, CgroupDriver driver)
    {
        if (driver == CgroupDriver.Systemd)
        {
            return requested.Length > 0
                ? (SliceName.Expand(SliceName.Parse(requested)), false)
                : (SliceName.Expand($"{defaultParent[..^SliceName.Suffix.Length]}-pod{podId}{SliceName.Suffix}"), true);
        }
        string clean = string.Join('/', requested.Split('/', StringSplitOptions.RemoveEmptyEntries));
        return clean.Length > 0 ? ("/" + clean, false) : ($"{defaultParent}/{podId}", true);
    }

    /// <summary>A container's cgroup in its pod's.</summary>
    public static string Container(string podCgroup, string containerId, CgroupDriver driver) =>
        driver == CgroupDriver.Systemd ? $"{podCgroup}/criruntime-{containerId}{TransientUnits.ScopeSuffix}" : $"{podCgroup}/{containerId}";

    private static void CheckSlice(string parent)
    {
        if (parent.Length == 0)
            return;
        try
        {
            if (SliceName.Expand(SliceName.Parse(parent)) == "/")
                throw new CgroupException("the root slice is not for pods");
        }
        catch (CgroupException e)
        {
            throw new CriException(
                CriErrorKind.InvalidArgument,
                $"linux.cgroup_parent \"{TextLimits.Shorten(parent)}\": the cgroup driver is systemd, which takes a slice such as kubepods-burstable-pod1.slice: {e.Message}."
                + " Set the kubelet's cgroupDriver to systemd, or cgroup.driver of criruntime to cgroupfs", e);
        }
    }

    private static void CheckPath(string path)
    {
        if (path.EndsWith(SliceName.Suffix, StringComparison.Ordinal))
        {
            throw CriException.InvalidArgument(
                $"linux.cgroup_parent \"{TextLimits.Shorten(path)}\": the cgroup driver is cgroupfs, which takes a path such as /kubepods/burstable/pod1, not a slice."
                + " Set the kubelet's cgroupDriver to cgroupfs, or cgroup.driver of criruntime to systemd");
        }
        if (path.Length > MaxLength)
            throw CriException.InvalidArgument($"linux.cgroup_parent has {path.Length} characters; at most {MaxLength} are allowed");
        foreach (string part in path.Split('/'))
        {
            if (part is "." or ".." || part.Length > 255 || part.Any(char.IsControl))
                throw CriException.InvalidArgument($"linux.cgroup_parent \"{TextLimits.Shorten(path)}\": \"{TextLimits.Shorten(part)}\" is not allowed in it");
        }
    }
}
