namespace CriRuntime.Oci.Cgroups.Stats;

/// <summary>pids.current and pids.max, in both versions.</summary>
internal sealed class PidsFiles(CgroupDirectory directory)
{
    private readonly string current = directory.Path + "/pids.current";
    private readonly string max = directory.Path + "/pids.max";

    internal PidsStats? Read(byte[] buffer)
    {
        if (!StatsReader.TryRead(current, buffer, out ReadOnlySpan<byte> text))
            return null;
        ulong count = CgroupText.Number(text) ?? 0;
        return new PidsStats(count, StatsReader.TryRead(max, buffer, out text) ? CgroupText.Limit(text) : null);
    }
}
