using System.Buffers.Text;
using CriRuntime.Linux;
using CriRuntime.Linux.Cgroups;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Control;

namespace CriRuntime.CriServer.Metrics;

/// <summary>What a container's processes hold. Processes that end meanwhile count for nothing.</summary>
/// <param name="Descriptors">At least so many: see <see cref="MostDescriptors"/>.</param>
/// <param name="OpenFilesLimit">RLIMIT_NOFILE of the first process; null for unlimited, and when it is gone.</param>
internal readonly record struct ProcessFigures(int Processes, int Descriptors, int Sockets, ulong? OpenFilesLimit)
{
    /// <summary>Every descriptor costs a system call, so that a container with very many must not make the answer late: beyond this the figures are lower bounds.</summary>
    internal const int MostDescriptors = 4096;

    /// <summary>As <see cref="MostDescriptors"/>: processes that are looked into.</summary>
    internal const int MostProcesses = 256;

    private static ReadOnlySpan<byte> OpenFilesLine => "\nMax open files"u8;

    /// <param name="initPid">0 for none.</param>
    internal static ProcessFigures Read(CgroupPlacement placement, int initPid)
    {
        CgroupDirectory? directory = placement.Find("pids") ?? placement.Find("memory") ?? placement.Unified;
        IReadOnlyList<int> pids = directory is null ? [] : CgroupProcesses.ListTree(directory.Path);
        int descriptors = 0, sockets = 0;
        for (int i = 0; i < Math.Min(pids.Count, MostProcesses) && descriptors < MostDescriptors; i++)
        {
            OpenDescriptors open = OpenDescriptors.Of(pids[i], MostDescriptors - descriptors);
            descriptors += open.All;
            sockets += open.Sockets;
        }

        return new ProcessFigures(pids.Count, descriptors, sockets, initPid > 0 ? SoftOpenFiles(initPid) : null);
    }

    /// <summary>The first figure of the line in /proc/PID/limits. prlimit(2) would do, but wants CAP_SYS_RESOURCE for processes of other users.</summary>
    private static ulong? SoftOpenFiles(int pid)
    {
        Span<byte> buffer = stackalloc byte[2048];
        int length = CgroupFile.TryRead($"/proc/{pid}/limits", buffer);
        ReadOnlySpan<byte> text = length < 0 ? default : buffer[..length];
        int at = text.IndexOf(OpenFilesLine);
        return at >= 0 && Utf8Parser.TryParse(text[(at + OpenFilesLine.Length)..].TrimStart((byte)' '), out ulong limit, out _) ? limit : null;
    }
}
