namespace CriRuntime.Oci.Planning;

/// <summary>Capability names and numbers (capabilities(7), linux/capability.h): the one table of them.</summary>
public static class Capabilities
{
    internal const int SysResource = 24;

    private const string Prefix = "CAP_";

    /// <summary>Every name, with CAP_, in the order of the numbers: the place in the list is the number.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
        "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN",
        "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE",
        "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND",
        "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>The highest number of the table; a kernel may know fewer (/proc/sys/kernel/cap_last_cap).</summary>
    public static int Last => All.Count - 1;

    /// <summary>The number of a name, with or without CAP_, in any case; -1 for a name that is none.</summary>
    public static int NumberOf(string name)
    {
        ReadOnlySpan<char> bare = name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? name.AsSpan(Prefix.Length) : name;
        for (int number = 0; number < All.Count; number++)
        {
            if (bare.Equals(All[number].AsSpan(Prefix.Length), StringComparison.OrdinalIgnoreCase))
                return number;
        }
        return -1;
    }

    /// <summary>The names of the bits of a set, in the order of their numbers.</summary>
    public static IReadOnlyList<string> FromMask(ulong mask)
    {
        List<string> names = [];
        for (int number = 0; number < All.Count; number++)
        {
            if ((mask >> number & 1) != 0)
                names.Add(All[number]);
        }
        return names;
    }

    /// <summary>The set of some names. Names that are unknown, or that are not available, are left out and added to <paramref name="missing"/>.</summary>
    internal static ulong Mask(IReadOnlyList<string> names, ulong available, SortedSet<string> missing)
    {
        ulong mask = 0;
        foreach (string name in names)
        {
            int number = NumberOf(name);
            if (number < 0 || (available >> number & 1) == 0)
                missing.Add(name);
            else
                mask |= 1UL << number;
        }
        return mask;
    }
}
