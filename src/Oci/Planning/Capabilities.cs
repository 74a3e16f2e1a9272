namespace CriRuntime.Oci.Planning;

/// <summary>Capability names and numbers (capabilities(7), linux/capability.h).</summary>
internal static class Capabilities
{
    internal const int SysResource = 24;

    private static readonly string[] Names =
    [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
        "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
        "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
        "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
        "PERFMON", "BPF", "CHECKPOINT_RESTORE",
    ];

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

    /// <summary>-1 for a name that is none; with or without CAP_, in any case.</summary>
    private static int NumberOf(string name)
    {
        string upper = name.ToUpperInvariant();
        return Array.IndexOf(Names, upper.StartsWith("CAP_", StringComparison.Ordinal) ? upper[4..] : upper);
    }
}
