namespace CriRuntime.Oci.SeccompFilters;

/// <summary>Calls that a container may make when it has the capability; without it they fail with EPERM.</summary>
internal sealed record CapabilitySyscalls(string Capability, string[] Names)
{
    internal static readonly CapabilitySyscalls[] All =
    [
        new("CAP_DAC_READ_SEARCH", ["open_by_handle_at"]),
        new("CAP_SYS_ADMIN", [
            "bpf", "clone", "clone3", "fanotify_init", "fsconfig", "fsmount", "fsopen", "fspick", "lookup_dcookie",
            "mount", "mount_setattr", "move_mount", "open_tree", "open_tree_attr", "perf_event_open", "quotactl",
            "quotactl_fd", "setdomainname", "sethostname", "setns", "syslog", "umount", "umount2", "unshare"
        ]),
        new("CAP_SYS_BOOT", ["reboot"]),
        new("CAP_SYS_CHROOT", ["chroot"]),
        new("CAP_SYS_MODULE", ["delete_module", "finit_module", "init_module"]),
        new("CAP_SYS_PACCT", ["acct"]),
        new("CAP_SYS_PTRACE", ["kcmp", "pidfd_getfd", "process_madvise"]),
        new("CAP_SYS_RAWIO", ["ioperm", "iopl"]),
        new("CAP_SYS_TIME", ["clock_settime", "clock_settime64", "settimeofday", "stime"]),
        new("CAP_SYS_TTY_CONFIG", ["vhangup"]),
        new("CAP_SYS_NICE", ["get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"]),
        new("CAP_SYSLOG", ["syslog"]),
        new("CAP_BPF", ["bpf"]),
        new("CAP_PERFMON", ["perf_event_open"]),
    ];
}
