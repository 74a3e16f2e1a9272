using System.Runtime.CompilerServices;

namespace CriRuntime.Linux.Launching;

/// <summary>
/// What a launcher does before its .NET runtime exists. The project's linker option <c>-init</c> makes <see cref="Enter"/> the program's DT_INIT function (gabi, Dynamic Section;
/// glibc passes it main's arguments), so that executing the program once more from a read-only mount costs the dynamic linker's work and not a second start of the runtime (0.7 ms
/// instead of 3.5), and signals are blocked in every thread that the runtime makes. Like the child of a clone this code has neither an allocator nor exceptions nor statics.
/// Nothing depends on its having run: <see cref="ReadOnlyExecutable.Ensure"/> looks, and does the same later.
/// </summary>
internal static unsafe class EarlyStart
{
    /// <summary>Set for the program's second start, so that a mount that does not become read-only ends in a message and not in a circle.</summary>
    internal static ReadOnlySpan<byte> Guard => "CRI_READ_ONLY_EXECUTABLE=1"u8;

    private const int LongestEnvironment = 1 << 16;
    private const int FlagsWord = 10; // f_flags of struct statfs
    private const ulong ST_RDONLY = 1;

    /// <summary>The program's first function; the linker knows it by its symbol.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Enter(int count, byte** arguments, byte** environment)
    {
        if (!Launches(count, arguments))
            return;
        ForwardedSignals.Block();
        if (IsReadOnly())
            TakeName(arguments[0]);
        else
            Execute(arguments, environment);
    }

    /// <summary>The program was started from a read-only mount.</summary>
    internal static bool IsReadOnly()
    {
        byte* path = stackalloc byte[16];
        Self(path);
        long file = Kernel.Open(Kernel.AT_FDCWD, path, Kernel.O_PATH);
        if (file < 0)
            return false;
        ulong* status = stackalloc ulong[32];
        long result = Kernel.Call(SyscallNumber.FStatFs, (int)file, (nint)status);
        Kernel.Close((int)file);
        return result >= 0 && (status[FlagsWord] & ST_RDONLY) != 0;
    }

    /// <summary>Executes the program anew from a read-only mount of its own. Returns only with a failure: -errno, EROFS where that was done already.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static long Execute(byte** arguments, byte** environment)
    {
        int variables = 0;
        for (; environment[variables] != null; variables++)
        {
            if (variables == LongestEnvironment || Equal(environment[variables], Guard))
                return -(int)Errno.EROFS;
        }
        byte* path = stackalloc byte[48];
        Self(path);
        long mount = Kernel.Call(SyscallNumber.OpenTree, Kernel.AT_FDCWD, (nint)path, Kernel.OPEN_TREE_CLONE | Kernel.OPEN_TREE_CLOEXEC);
        if (mount < 0)
            return mount;
        long result = StepMachine.MakeReadOnly((int)mount);
        if (result < 0)
            return result;
        byte* guard = stackalloc byte[32];
        guard[Kernel.Copy(guard, Guard)] = 0;
        byte** extended = stackalloc byte*[variables + 2];
        for (int i = 0; i < variables; i++)
            extended[i] = environment[i];
        extended[variables] = guard;
        extended[variables + 1] = null;
        Kernel.Decimal(path + Kernel.Copy(path, "/proc/self/fd/"u8), mount);
        return Kernel.Call(SyscallNumber.ExecVe, (nint)path, (nint)arguments, (nint)extended);
    }

    /// <summary>A word of the command line is a command that clones. A container that is called like one costs its commands 0.7 ms, no more.</summary>
    private static bool Launches(int count, byte** arguments)
    {
        for (int i = 1; i < count; i++)
        {
            if (Equal(arguments[i], "run"u8) || Equal(arguments[i], "exec"u8) || Equal(arguments[i], "create"u8) || Equal(arguments[i], "launch"u8))
                return true;
        }
        return false;
    }

    private static bool Equal(byte* text, ReadOnlySpan<byte> word)
    {
        for (int i = 0; i < word.Length; i++)
        {
            if (text[i] != word[i])
                return false;
        }
        return text[word.Length] == 0;
    }

    /// <summary>The kernel calls a program by the last part of the path that was executed, here a descriptor's number.</summary>
    private static void TakeName(byte* program)
    {
        byte* name = program;
        for (byte* at = program; *at != 0; at++)
        {
            if (*at == (byte)'/')
                name = at + 1;
        }
        Kernel.Prctl(Kernel.PR_SET_NAME, (nint)name);
    }

    private static void Self(byte* path) => path[Kernel.Copy(path, "/proc/self/exe"u8)] = 0;
}
