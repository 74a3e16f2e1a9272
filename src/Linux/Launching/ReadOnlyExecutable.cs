using System.Text;

namespace CriRuntime.Linux.Launching;

/// <summary>
/// A process that is born as a clone shows the launcher's own program as /proc/self/exe until it executes another, and an image can make it execute just that
/// (CVE-2019-5736: a program or an interpreter that is a link to /proc/self/exe). So a launcher runs from a read-only mount that belongs to no namespace: what a
/// container gets hold of cannot be opened for writing, and not be remounted.
/// </summary>
public static unsafe class ReadOnlyExecutable
{
    private const string Guard = "CRI_READ_ONLY_EXECUTABLE";
    private const string Self = "/proc/self/exe";
    private const int FlagsWord = 10; // f_flags of struct statfs
    private const ulong ST_RDONLY = 1;

    /// <summary>This program was started from a read-only mount.</summary>
    public static bool IsInForce
    {
        get
        {
            ulong* status = stackalloc ulong[32];
            using FileDescriptor self = HostFile.Open(Self, HostFileAccess.Read);
            long result = Kernel.Call(SyscallNumber.FStatFs, self.Number, (nint)status);
            return result >= 0 && (status[FlagsWord] & ST_RDONLY) != 0;
        }
    }

    /// <summary>
    /// Executes this program anew from a read-only mount, unless that was done; the same arguments, and the environment with one more variable. Costs one start of the
    /// program; whoever spawns many gives them a descriptor of <see cref="Open"/> instead.
    /// </summary>
    /// <param name="name">What the process is called afterwards (at most 15 bytes).</param>
    /// <exception cref="LinuxException">The mount or the execution failed.</exception>
    public static void Ensure(string name)
    {
        if (!IsInForce)
            ExecuteAgain();
        if (Environment.GetEnvironmentVariable(Guard) is null)
            return;
        fixed (byte* bytes = Encoding.UTF8.GetBytes(name + '\0'))
            Kernel.Prctl(Kernel.PR_SET_NAME, (nint)bytes);
    }

    /// <summary>A program on a read-only mount of its own, to be spawned as <c>/proc/self/fd/N</c>. The descriptor may be closed once it runs.</summary>
    /// <exception cref="LinuxException"/>
    public static FileDescriptor Open(string path)
    {
        fixed (byte* bytes = Encoding.UTF8.GetBytes(path + '\0'))
        {
            FileDescriptor mount = Checked(Kernel.Call(SyscallNumber.OpenTree, Kernel.AT_FDCWD, (nint)bytes, Kernel.OPEN_TREE_CLONE | Kernel.OPEN_TREE_CLOEXEC), "open_tree", path);
            long result = StepMachine.MakeReadOnly(mount.Number);
            if (result >= 0)
                return mount;
            mount.Dispose();
            throw new LinuxException("mount_setattr", path, (Errno)(int)-result);
        }
    }

    private static FileDescriptor Checked(long result, string operation, string path) =>
        result < 0 ? throw new LinuxException(operation, path, (Errno)(int)-result) : new((int)result);

    private static void ExecuteAgain()
    {
        if (Environment.GetEnvironmentVariable(Guard) is not null)
            throw new LinuxException("statfs", Self, Errno.EROFS);
        using FileDescriptor program = Open(Self);
        byte[] arguments = File.ReadAllBytes("/proc/self/cmdline");
        byte[] environment = [.. File.ReadAllBytes("/proc/self/environ"), .. Encoding.UTF8.GetBytes(Guard + "=1\0")];
        fixed (byte* path = Encoding.UTF8.GetBytes($"/proc/self/fd/{program.Number}\0"))
        fixed (byte* words = arguments)
        fixed (byte* variables = environment)
        fixed (nint* argv = Pointers(words, arguments))
        fixed (nint* envp = Pointers(variables, environment))
        {
            long result = Kernel.Call(SyscallNumber.ExecVe, (nint)path, (nint)argv, (nint)envp);
            throw new LinuxException("execve", Self, (Errno)(int)-result);
        }
    }

    /// <summary>The addresses of NUL-terminated strings that lie one after the other, and a null.</summary>
    private static nint[] Pointers(byte* start, byte[] strings)
    {
        List<nint> pointers = [];
        for (int at = 0; at < strings.Length; at += strings.AsSpan(at).IndexOf((byte)0) + 1)
            pointers.Add((nint)(start + at));
        pointers.Add(0);
        return [.. pointers];
    }
}
