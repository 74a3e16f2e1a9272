using System.Text;

namespace CriRuntime.Linux.Launching;

/// <summary>Whether this host can make idmapped mounts (mount_setattr(2), MOUNT_ATTR_IDMAP). Only for processes with one running managed thread: it clones.</summary>
public static unsafe class IdMappedMount
{
    /// <summary>Makes a user namespace and a detached idmapped mount of <paramref name="directory"/>, and lets go of both.</summary>
    /// <exception cref="LinuxException">What the host refuses: user namespaces (clone), or idmapped mounts on that file system (mount_setattr).</exception>
    public static void Probe(string directory)
    {
        byte* map = stackalloc byte[24];
        map[Kernel.Copy(map, "0 65536 65536\n"u8)] = 0;
        using FileDescriptor userNamespace = Open(StepMachine.MakeUserNamespace(map, map), "clone", "a user namespace");
        using FileDescriptor tree = Open(CloneOf(directory), "open_tree", directory);
        Check(StepMachine.MapIds(tree.Number, userNamespace.Number), "mount_setattr", directory);
    }

    private static long CloneOf(string directory)
    {
        fixed (byte* path = Encoding.UTF8.GetBytes(directory + '\0'))
            return Kernel.Call(SyscallNumber.OpenTree, Kernel.AT_FDCWD, (nint)path, Kernel.OPEN_TREE_CLONE | Kernel.OPEN_TREE_CLOEXEC);
    }

    private static FileDescriptor Open(long result, string call, string what)
    {
        Check(result, call, what);
        return new FileDescriptor((int)result);
    }

    private static void Check(long result, string call, string what)
    {
        if (result < 0)
            throw new LinuxException(call, what, (Errno)(-result));
    }
}
