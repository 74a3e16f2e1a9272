using System.Globalization;
using System.Text;
using CriRuntime.Linux;
using CriRuntime.Linux.Cgroups;

namespace CriRuntime.Oci.Cgroups.Control;

/// <summary>oom_score_adj of processes that run already (proc_pid_oom_score_adj(5)).</summary>
public static class OomScore
{
    /// <summary>Sets it for every process of the container; those that end meanwhile are passed over.</summary>
    /// <param name="score">-1000 to 1000.</param>
    /// <returns>The last refusal; None when every process took it. Lowering needs CAP_SYS_RESOURCE (EACCES).</returns>
    public static Errno Set(CgroupPlacement placement, int score)
    {
        byte[] text = Encoding.UTF8.GetBytes(score.ToString(CultureInfo.InvariantCulture));
        CgroupDirectory directory = placement.Find("memory") ?? placement.Directories[0];
        Errno refusal = Errno.None;
        foreach (int pid in CgroupProcesses.ListTree(directory.Path))
        {
            Errno errno = CgroupFile.TryWrite($"/proc/{pid}/oom_score_adj", text);
            if (errno is not (Errno.None or Errno.ENOENT or Errno.ESRCH))
                refusal = errno;
        }
        return refusal;
    }
}
