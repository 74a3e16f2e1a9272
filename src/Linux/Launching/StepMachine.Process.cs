using System.Runtime.InteropServices;

namespace CriRuntime.Linux.Launching;

/// <summary>What the process itself becomes: limits, filter, capabilities, directory, descriptors.</summary>
internal static unsafe partial class StepMachine
{
    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        internal ushort Length;
        internal byte* Filter;
    }

    private static long SetRlimit(Step* s)
    {
        ulong* limit = stackalloc ulong[2];
        limit[0] = s->Value;
        limit[1] = s->Value2;
        return Kernel.Call(SyscallNumber.PrLimit64, 0, s->Number, (nint)limit);
    }

    private static long SetMemoryPolicy(MachineState* m, Step* s) => s->BlobLength == 0
        ? Kernel.Call(SyscallNumber.SetMemPolicy, s->Number, 0, 0)
        : Kernel.Call(SyscallNumber.SetMemPolicy, s->Number, (nint)(m->Block + s->Blob), (nint)((s->BlobLength * 8) + 1)); // the kernel takes one off

    private static long LoadSeccomp(MachineState* m, Step* s)
    {
        FilterProgram program = new() { Length = (ushort)(s->BlobLength / 8), Filter = m->Block + s->Blob };
        return Kernel.Call(SyscallNumber.Seccomp, 1, (nint)s->Value, (nint)(&program)); // SECCOMP_SET_MODE_FILTER
    }

    /// <summary>Capabilities that the set lacks already cost no call, so that a process without CAP_SETPCAP may pass where nothing is to be dropped.</summary>
    private static long LimitBoundingSet(Step* s)
    {
        for (int capability = 0; capability <= s->Number; capability++)
        {
            if ((s->Value >> capability & 1) != 0 || Kernel.Prctl(Kernel.PR_CAPBSET_READ, capability) != 1)
                continue;
            long result = Kernel.Prctl(Kernel.PR_CAPBSET_DROP, capability);
            if (result < 0)
                return result;
        }
        return 0;
    }

    private static long SetCapabilities(MachineState* m, Step* s)
    {
        ulong inheritable = *(ulong*)(m->Block + s->Blob);
        uint* header = stackalloc uint[2];
        header[0] = 0x20080522; // _LINUX_CAPABILITY_VERSION_3
        header[1] = 0;
        uint* sets = stackalloc uint[6];
        for (int half = 0; half < 2; half++)
        {
            sets[half * 3] = (uint)(s->Value >> (32 * half));
            sets[(half * 3) + 1] = (uint)(s->Value2 >> (32 * half));
            sets[(half * 3) + 2] = (uint)(inheritable >> (32 * half));
        }
        return Kernel.Call(SyscallNumber.CapSet, (nint)header, (nint)sets);
    }

    private static long SetAmbientSet(Step* s)
    {
        long result = Kernel.Prctl(Kernel.PR_CAP_AMBIENT, Kernel.PR_CAP_AMBIENT_CLEAR_ALL);
        for (int capability = 0; capability <= s->Number && result >= 0; capability++)
        {
            if ((s->Value >> capability & 1) != 0)
                result = Kernel.Prctl(Kernel.PR_CAP_AMBIENT, Kernel.PR_CAP_AMBIENT_RAISE, capability);
        }
        return result;
    }

    /// <summary>A working directory outside the root shows as "(unreachable)": the way out of CVE-2024-21626.</summary>
    private static long ChangeDirectory(MachineState* m, Step* s)
    {
        long result = Kernel.Call(SyscallNumber.Chdir, (nint)m->Text(s->Text));
        if (result < 0)
            return result;
        result = Kernel.Call(SyscallNumber.GetCwd, (nint)m->Path, MachineState.PathCapacity);
        return result < 0 ? result : m->Path[0] == (byte)'/' ? 0 : -Kernel.Eperm;
    }

    /// <summary>A program that is not root must be able to open /dev/stdout and its like; what cannot be given away stays as it is.</summary>
    private static long OwnStdio(Step* s)
    {
        for (int fd = 0; fd < 3; fd++)
        {
            Kernel.FileStatus status;
            if (Kernel.Status(fd, &status) < 0 || status.Uid == (uint)s->Number || (status.Mode & Kernel.S_IFMT) == Kernel.S_IFCHR)
                continue;
            long result = Kernel.Call(SyscallNumber.Fchown, fd, s->Number, -1);
            if (result is < 0 and not (-Kernel.Einval or -Kernel.Eperm or -30)) // EROFS
                return result;
        }
        return 0;
    }
}
