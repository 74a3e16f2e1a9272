using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace CriRuntime.Linux.Launching;

/// <summary>
/// A process that is born as a clone shows the launcher's own program as /proc/self/exe until it executes another, and an image can make it execute just that
/// (CVE-2019-5736: a program or an interpreter that is a link to /proc/self/exe). So a launcher runs from a read-only mount that belongs to no namespace: what a
/// container gets hold of cannot be opened for writing, and not be remounted.
/// </summary>
public static unsafe class ReadOnlyExecutable
{
    /// <summary>
    /// Sees to it that this program runs from a read-only mount, with <see cref="ForwardedSignals"/> blocked in every thread but this. Normally <see cref="EarlyStart"/> has done both;
    /// otherwise executes the program anew, with the same arguments and the environment with one more variable. Whoever spawns many gives them a descriptor of <see cref="Open"/> instead.
    /// </summary>
    /// <exception cref="LinuxException">The mount or the execution failed.</exception>
    [DynamicDependency(nameof(EarlyStart.Enter), typeof(EarlyStart))] // or the compiler would leave out what only the linker refers to
    public static void Ensure()
    {
        if (!EarlyStart.IsReadOnly() || !ForwardedSignals.AreBlocked)
            ExecuteAgain();
        ForwardedSignals.Unblock();
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
        byte[] arguments = File.ReadAllBytes("/proc/self/cmdline");
        byte[] environment = File.ReadAllBytes("/proc/self/environ");
        ForwardedSignals.Block();
        fixed (byte* words = arguments)
        fixed (byte* variables = environment)
        fixed (nint* argv = Pointers(words, arguments))
        fixed (nint* envp = Pointers(variables, environment))
        {
            long result = EarlyStart.Execute((byte**)argv, (byte**)envp);
            throw new LinuxException("execute from a read-only mount", "/proc/self/exe", (Errno)(int)-result);
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
