using CriRuntime.CriServer.Containers;

namespace CriRuntime.CriServer.Specs;

/// <summary>Files of /proc and /sys that a container must not see or write, where the request does not say (the kubelet sends these lists itself).</summary>
public static class KernelPaths
{
    private static readonly string[] DefaultMasked =
    [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
        "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
    ];

    private static readonly string[] DefaultReadonly =
        ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    public static IReadOnlyList<string> Masked(ContainerSecurity security) =>
        security.Privileged ? [] : security.MaskedPaths ?? DefaultMasked;

    public static IReadOnlyList<string> Readonly(ContainerSecurity security) =>
        security.Privileged ? [] : security.ReadonlyPaths ?? DefaultReadonly;
}
