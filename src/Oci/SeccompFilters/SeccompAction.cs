namespace CriRuntime.Oci.SeccompFilters;

/// <summary>Actions of the configuration as the kernel's return values (seccomp(2), linux/seccomp.h).</summary>
internal static class SeccompAction
{
    internal const uint KillProcess = 0x80000000;
    internal const uint KillThread = 0x00000000;
    internal const uint Trap = 0x00030000;
    internal const uint Errno = 0x00050000;
    internal const uint Notify = 0x7fc00000;
    internal const uint Trace = 0x7ff00000;
    internal const uint Log = 0x7ffc0000;
    internal const uint Allow = 0x7fff0000;
    private const uint Eperm = 1;

    /// <summary>The value for a name; the error number (EPERM when null) goes with SCMP_ACT_ERRNO and SCMP_ACT_TRACE only.</summary>
    internal static uint Resolve(string name, uint? errno, string field, string errnoField)
    {
        uint action = name switch
        {
            "SCMP_ACT_ALLOW" => Allow,
            "SCMP_ACT_ERRNO" => Errno,
            "SCMP_ACT_KILL" or "SCMP_ACT_KILL_THREAD" => KillThread,
            "SCMP_ACT_KILL_PROCESS" => KillProcess,
            "SCMP_ACT_LOG" => Log,
            "SCMP_ACT_TRAP" => Trap,
            "SCMP_ACT_TRACE" => Trace,
            "SCMP_ACT_NOTIFY" => throw new SeccompException(field, "SCMP_ACT_NOTIFY is not supported: nothing here listens"),
            _ => throw new SeccompException(field, $"\"{name}\" is not an action"),
        };
        if (action is not (Errno or Trace))
            return errno is null ? action : throw new SeccompException(errnoField, $"does not go with {name}");
        // The kernel cuts larger ones to MAX_ERRNO.
        if (errno is > 4095 && action == Errno)
            throw new SeccompException(errnoField, $"{errno} is above 4095");
        return action | ((errno ?? Eperm) & 0xffff);
    }
}
