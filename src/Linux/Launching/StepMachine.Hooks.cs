namespace CriRuntime.Linux.Launching;

/// <summary>OCI hooks: programs that run to their end between two steps, with the container's state on standard input.</summary>
internal static unsafe partial class StepMachine
{
    private static long RunHook(MachineState* m, Step* s)
    {
        m->Detail = 0;
        long state = StateFile(m, s);
        if (state < 0)
            return state;
        int pidFd = -1;
        long pid = Clone(0, Kernel.SIGCHLD, cgroup: -1, &pidFd);
        if (pid == 0)
            BecomeHook(m, s, (int)state);
        Kernel.Close((int)state);
        if (pid < 0)
            return pid;
        long result = AwaitEnd(m, (int)pid, pidFd, s->Number);
        Kernel.Close(pidFd);
        return result;
    }

    /// <summary>The state document in a file of memory: text, the pid, text2. A hook that does not read it blocks nobody.</summary>
    private static long StateFile(MachineState* m, Step* s)
    {
        byte* name = stackalloc byte[8];
        name[Kernel.Copy(name, "state"u8)] = 0;
        long file = Kernel.Call(SyscallNumber.MemfdCreate, (nint)name, 1); // MFD_CLOEXEC
        if (file < 0)
            return file;
        byte* digits = stackalloc byte[24];
        int length = Kernel.Decimal(digits, m->HostPid);
        long result = Kernel.Write((int)file, m->Text(s->Text), Kernel.Length(m->Text(s->Text)));
        if (result >= 0 && m->Text(s->Text2)[0] != 0)
        {
            result = Kernel.Write((int)file, digits, length);
            if (result >= 0)
                result = Kernel.Write((int)file, m->Text(s->Text2), Kernel.Length(m->Text(s->Text2)));
        }
        Kernel.Call(SyscallNumber.Lseek, (nint)file, 0, 0);
        if (result >= 0)
            return file;
        Kernel.Close((int)file);
        return result;
    }

    private static void BecomeHook(MachineState* m, Step* s, int state)
    {
        ResetSignals();
        SetSignalMask(0);
        Kernel.Call(SyscallNumber.Dup3, state, 0, 0);
        Kernel.Call(SyscallNumber.CloseRange, 3, -1, Kernel.CLOSE_RANGE_CLOEXEC);
        if (s->Base >= 0)
            Kernel.Call(SyscallNumber.Fchdir, m->Slots[s->Base]);
        ExecFirst(new ProgramTables(m->Block + s->Blob));
        Kernel.Exit(127);
    }

    /// <summary>0 for exit status 0; -ECHILD with the wait status as detail for another end; -ETIME when the time is up.</summary>
    private static long AwaitEnd(MachineState* m, int pid, int pidFd, int milliseconds)
    {
        Kernel.PollDescriptor poll = new() { Descriptor = pidFd, Events = 1 };
        Kernel.TimeSpec limit = new() { Seconds = milliseconds / 1000, Nanoseconds = milliseconds % 1000 * 1_000_000L };
        // The kernel counts the rest of the time down in limit.
        long ready = Kernel.Retry(SyscallNumber.PPoll, (nint)(&poll), 1, milliseconds > 0 ? (nint)(&limit) : 0, 0, 8);
        if (ready <= 0)
            Kernel.Call(SyscallNumber.PidFdSendSignal, pidFd, Kernel.SIGKILL);
        int status = 0;
        long waited = Kernel.Retry(SyscallNumber.Wait4, pid, (nint)(&status), 0x40000000); // __WALL
        if (ready <= 0)
            return ready == 0 ? -Kernel.Etime : ready;
        m->Detail = status;
        return waited < 0 ? waited : status == 0 ? 0 : -Kernel.Echild;
    }
}
