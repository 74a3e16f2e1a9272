using System.Buffers;
using CriRuntime.Linux;
using CriRuntime.Linux.Cgroups;
using CriRuntime.Oci.Cgroups.Stats;

namespace CriRuntime.Oci.Cgroups.Control;

/// <summary>The processes of a cgroup directory.</summary>
public static class CgroupProcesses
{
    /// <summary>64 KiB hold some 9000 pids; more are for the next pass.</summary>
    private const int BufferSize = 64 * 1024;

    /// <summary>Pids in the directory itself, in the caller's pid namespace; empty when it is gone. Processes outside that namespace show as 0 and are left out.</summary>
    public static IReadOnlyList<int> List(string directory)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int length = CgroupFile.TryRead(directory + "/cgroup.procs", buffer);
            ReadOnlySpan<byte> text = length < 0 ? default : buffer.AsSpan(0, length);
            List<int> pids = [];
            while (CgroupText.NextLine(ref text, out ReadOnlySpan<byte> line))
            {
                if (CgroupText.Number(line) is > 0 and <= int.MaxValue and var pid)
                    pids.Add((int)pid);
            }
            return pids;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>As <see cref="List"/>, with the directories below.</summary>
    public static IReadOnlyList<int> ListTree(string directory)
    {
        List<int> pids = [];
        foreach (string each in CgroupTree.Directories(directory))
            pids.AddRange(List(each));
        return pids;
    }

    /// <summary>
    /// Sends a signal to every process of the tree. A pid could be reused between reading and signalling: each gets a pidfd first
    /// and must still be listed after that. Returns how many were signalled.
    /// </summary>
    public static int Signal(string directory, int signal)
    {
        int signalled = 0;
        foreach (string each in CgroupTree.Directories(directory))
        {
            List<(int Pid, FileDescriptor PidFd)> open = Open(List(each));
            HashSet<int> still = [.. List(each)];
            foreach ((int pid, FileDescriptor pidFd) in open)
            {
                using (pidFd)
                {
                    if (still.Contains(pid) && PidFd.Signal(pidFd, signal))
                        signalled++;
                }
            }
        }
        return signalled;
    }

    private static List<(int Pid, FileDescriptor PidFd)> Open(IReadOnlyList<int> pids)
    {
        List<(int, FileDescriptor)> open = [];
        foreach (int pid in pids)
        {
            try
            {
                open.Add((pid, PidFd.Open(pid)));
            }
            catch (LinuxException e) when (e.Errno is Errno.ESRCH or Errno.EINVAL)
            {
                // Ended since, or a thread's id that lives on after its leader: what is left of it is in the next pass.
                continue;
            }
            catch (LinuxException e) when (e.Errno is Errno.EMFILE or Errno.ENFILE && open.Count > 0)
            {
                // As many as descriptors allow; the caller repeats until the cgroup is empty.
                break;
            }
        }
        return open;
    }
}
