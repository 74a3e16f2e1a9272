using CriRuntime.Oci.Specs;
using static CriRuntime.Oci.Planning.KernelFlags;

namespace CriRuntime.Oci.Planning;

/// <summary>The options of one mount, sorted by who they are for (runtime-spec config.md, Linux mount options; mount(8)).</summary>
internal sealed record MountOptions
{
    internal bool Bind { get; private set; }
    internal bool RecursiveBind { get; private set; }
    internal bool CopyUp { get; private set; }

    /// <summary>An idmapped mount: null, or whether all below is mapped too.</summary>
    internal bool? RecursiveIdMap { get; private set; }

    /// <summary>Attributes (MOUNT_ATTR_*) of the mount itself.</summary>
    internal ulong Set { get; private set; }
    internal ulong Clear { get; private set; }

    /// <summary>Attributes of the mount and everything below it (rro, rnosuid, ...).</summary>
    internal ulong RecursiveSet { get; private set; }
    internal ulong RecursiveClear { get; private set; }

    /// <summary>MS_SHARED and its like; 0 leaves it.</summary>
    internal ulong Propagation { get; private set; }
    internal bool RecursivePropagation { get; private set; }

    /// <summary>Only what this relative path leads to is mounted (mount(8), X-mount.subdir); null: all.</summary>
    internal string? Subdirectory { get; private set; }

    /// <summary>What is left for the file system itself, in order: <c>key=value</c> or <c>flag</c>.</summary>
    internal List<string> Data { get; } = [];

    internal bool ReadOnly => (Set & MOUNT_ATTR_RDONLY) != 0;

    internal static MountOptions Parse(IEnumerable<string> options)
    {
        MountOptions parsed = new();
        foreach (string joined in options)
        {
            if (!joined.Contains(',', StringComparison.Ordinal))
                parsed.Take(joined);
            else
                parsed.TakeEach(joined);
        }
        return parsed;
    }

    /// <summary>A comma with a backslash before it belongs to an option, as in an overlay's paths.</summary>
    private void TakeEach(string joined)
    {
        int start = 0;
        for (int i = 0; i < joined.Length; i++)
        {
            if (joined[i] == '\\')
            {
                i++;
            }
            else if (joined[i] == ',')
            {
                Take(joined[start..i]);
                start = i + 1;
            }
        }
        Take(joined[start..]);
    }

    private void Take(string option)
    {
        if (option.Length > 0 && !TakeSubdirectory(option) && !TakeKind(option) && !TakePropagation(option) && !TakeAttribute(option))
            Data.Add(option);
    }

    private bool TakeKind(string option)
    {
        switch (option)
        {
            case "bind":
                Bind = true;
                return true;
            case "rbind":
                Bind = RecursiveBind = true;
                return true;
            case "tmpcopyup":
                CopyUp = true;
                return true;
            case "idmap":
                RecursiveIdMap = false;
                return true;
            case "ridmap":
                RecursiveIdMap = true;
                return true;
            case "defaults" or "async" or "remount" or "norelatime" or "nostrictatime" or "auto" or "noauto" or "nofail" or "loud" or "nolazytime" or "nomand":
                return true; // the default, or nothing to a new mount
            default:
                return false;
        }
    }

    private bool TakeSubdirectory(string option)
    {
        const string Name = "X-mount.subdir=";
        if (!option.StartsWith(Name, StringComparison.Ordinal))
            return false;
        string path = string.Join(':', OptionPaths.Split(option[Name.Length..]));
        if (path.Length == 0 || path[0] == '/' || path.Split('/').Contains(".."))
            throw new SpecException("mounts", $"X-mount.subdir \"{path}\" is not a relative path without \"..\"");
        Subdirectory = path;
        return true;
    }

    private bool TakePropagation(string option)
    {
        ulong type = PropagationOf(option, out bool recursive);
        if (type == 0)
            return false;
        Propagation = type;
        RecursivePropagation = recursive;
        return true;
    }

    /// <summary>The MS_* number of a propagation type; 0 for a word that is none.</summary>
    internal static ulong PropagationOf(string word, out bool recursive)
    {
        recursive = word.StartsWith('r');
        return word switch
        {
            "shared" or "rshared" => MS_SHARED,
            "slave" or "rslave" => MS_SLAVE,
            "private" or "rprivate" => MS_PRIVATE,
            "unbindable" or "runbindable" => MS_UNBINDABLE,
            _ => 0,
        };
    }

    /// <summary>With this <c>linux.rootfsPropagation</c> what is mounted in the container's namespace reaches the host, where nothing is done against it.</summary>
    internal static bool ReachesHost(string? rootfsPropagation) => PropagationOf(rootfsPropagation ?? "", out _) == MS_SHARED;

    /// <summary>A mount of this propagation type sees what is mounted at its source later.</summary>
    internal static bool KeepsPeers(ulong propagation) => propagation is MS_SHARED or MS_SLAVE;

    private bool TakeAttribute(string option)
    {
        if (AttributeOf(option) is { } plain)
        {
            Set = (Set & ~plain.Clear) | plain.Set;
            Clear = (Clear & ~plain.Set) | plain.Clear;
            return true;
        }
        if (!option.StartsWith('r') || AttributeOf(option[1..]) is not { } recursive)
            return false;
        RecursiveSet = (RecursiveSet & ~recursive.Clear) | recursive.Set;
        RecursiveClear = (RecursiveClear & ~recursive.Set) | recursive.Clear;
        return true;
    }

    private static (ulong Set, ulong Clear)? AttributeOf(string option) => option switch
    {
        "ro" => (MOUNT_ATTR_RDONLY, 0),
        "rw" => (0, MOUNT_ATTR_RDONLY),
        "nosuid" => (MOUNT_ATTR_NOSUID, 0),
        "suid" => (0, MOUNT_ATTR_NOSUID),
        "nodev" => (MOUNT_ATTR_NODEV, 0),
        "dev" => (0, MOUNT_ATTR_NODEV),
        "noexec" => (MOUNT_ATTR_NOEXEC, 0),
        "exec" => (0, MOUNT_ATTR_NOEXEC),
        "nodiratime" => (MOUNT_ATTR_NODIRATIME, 0),
        "diratime" => (0, MOUNT_ATTR_NODIRATIME),
        "nosymfollow" => (MOUNT_ATTR_NOSYMFOLLOW, 0),
        "symfollow" => (0, MOUNT_ATTR_NOSYMFOLLOW),
        // The three kinds of access time are one field, not three bits (mount_setattr(2)).
        "noatime" => (MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME),
        "strictatime" => (MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME),
        "relatime" or "atime" => (0, MOUNT_ATTR__ATIME),
        _ => null,
    };
}
