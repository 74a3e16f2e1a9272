using System.Buffers.Text;
using System.Text;
using CriRuntime.Linux;
using CriRuntime.Linux.Cgroups;

namespace CriRuntime.Conmon.Containers;

/// <summary>A container's directories in the cgroup hierarchies: ends what is in them and removes them.</summary>
internal sealed class ContainerCgroups(IReadOnlyList<string> directories)
{
    private const int SigKill = 9;

    internal IReadOnlyList<string> Directories => directories;

    /// <summary>Sends SIGKILL to every process in them, children's cgroups included. On return the signals are sent, the processes may not have ended yet.</summary>
    internal void KillAll()
    {
        foreach (string directory in directories)
        {
            if (CgroupFile.TryWrite(directory + "/cgroup.kill", "1"u8) == Errno.None)
                return;
        }

        // v1 only: frozen, so that nothing forks between the reading of the list and the signals.
        bool frozen = Freeze("FROZEN"u8);
        foreach (string directory in directories)
            KillListed(directory);
        if (frozen)
            Freeze("THAWED"u8);
    }

    /// <summary>Removes the directories with what the container made in them. False when processes are still in one: try again.</summary>
    internal bool TryRemove()
    {
        bool gone = true;
        foreach (string directory in directories)
            gone &= TryRemove(directory);
        return gone;
    }

    private bool Freeze(ReadOnlySpan<byte> state)
    {
        foreach (string directory in directories)
        {
            if (CgroupFile.TryWrite(directory + "/freezer.state", state) == Errno.None)
                return true;
        }

        return false;
    }

    private static void KillListed(string directory)
    {
        Span<byte> content = new byte[64 * 1024];
        int length = CgroupFile.TryRead(directory + "/cgroup.procs", content);
        if (length < 0)
            return;
        foreach (string child in Subdirectories(directory))
            KillListed(child);
        foreach (Range range in ((ReadOnlySpan<byte>)content)[..length].Split((byte)'\n'))
        {
            if (Utf8Parser.TryParse(content[range], out int pid, out _) && pid > 0)
                Kill(pid);
        }
    }

    private static void Kill(int pid)
    {
        try
        {
            using FileDescriptor process = PidFd.Open(pid);
            PidFd.Signal(process, SigKill);
        }
        catch (LinuxException)
        {
            // It ended by itself; or something that passes, and the deletion comes here again.
        }
    }

    private static bool TryRemove(string directory)
    {
        Errno result = CgroupFile.TryRemoveDirectory(directory);
        if (result is Errno.None or Errno.ENOENT)
            return true;
        // Busy: cgroups that the container made below, or processes.
        bool removed = false;
        foreach (string child in Subdirectories(directory))
            removed |= TryRemove(child);
        return removed && CgroupFile.TryRemoveDirectory(directory) is Errno.None or Errno.ENOENT;
    }

    private static List<string> Subdirectories(string directory)
    {
        List<string> found = [];
        try
        {
            using DirectoryFd opened = DirectoryFd.Open(directory);
            using DirectoryReader reader = new(opened);
            while (reader.MoveNext())
            {
                if (reader.Kind == FileKind.Directory)
                    found.Add($"{directory}/{Encoding.UTF8.GetString(reader.Name)}");
            }
        }
        catch (LinuxException)
        {
            // Removed meanwhile; or something that passes (no free descriptor), and the directory's own removal fails and is repeated.
        }

        return found;
    }
}
