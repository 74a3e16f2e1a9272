namespace CriRuntime.Oci.SeccompFilters;

/// <summary>Flags for seccomp(2), SECCOMP_SET_MODE_FILTER.</summary>
internal static class SeccompFlags
{
    private const uint ThreadSync = 1;
    private const uint Log = 2;
    private const uint SpeculationAllow = 4;

    internal static uint Resolve(IReadOnlyList<string> names)
    {
        uint flags = 0;
        for (int i = 0; i < names.Count; i++)
        {
            flags |= names[i] switch
            {
                "SECCOMP_FILTER_FLAG_TSYNC" => ThreadSync,
                "SECCOMP_FILTER_FLAG_LOG" => Log,
                "SECCOMP_FILTER_FLAG_SPEC_ALLOW" => SpeculationAllow,
                "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" => throw new SeccompException($"flags[{i}]", $"{names[i]} goes with SCMP_ACT_NOTIFY, which is not supported"),
                _ => throw new SeccompException($"flags[{i}]", $"\"{names[i]}\" is not a flag"),
            };
        }
        return flags;
    }
}
