namespace CriRuntime.Linux.Launching;

/// <summary>Birth: the clone itself and the child's first acts, before its steps.</summary>
internal static unsafe partial class StepMachine
{
    /// <summary>
    /// clone3(2) without a shared memory. The child comes back with every signal blocked; the parent with its mask as it was.
    /// </summary>
    private static long Clone(ulong flags, int exitSignal, int cgroup, int* pidFd)
    {
        ulong all = ~0UL;
        ulong before;
        Kernel.Call(SyscallNumber.SigProcMask, 2, (nint)(&all), (nint)(&before), 8); // SIG_SETMASK
        Kernel.CloneArguments arguments = new()
        {
            Flags = flags | (pidFd == null ? 0 : Kernel.CLONE_PIDFD) | (cgroup < 0 ? 0 : Kernel.CLONE_INTO_CGROUP),
            PidFd = (ulong)pidFd,
            ExitSignal = (ulong)exitSignal,
            Cgroup = cgroup < 0 ? 0 : (ulong)cgroup,
        };
        long pid = Kernel.Call(SyscallNumber.Clone3, (nint)(&arguments), sizeof(Kernel.CloneArguments));
        if (pid != 0)
            SetSignalMask(before);
        return pid;
    }

    private static void SetSignalMask(ulong mask) => Kernel.Call(SyscallNumber.SigProcMask, 2, (nint)(&mask), 0, 8);

    /// <summary>Clones the child of the plan, in the pid namespace and cgroup that it names. In the child this never returns.</summary>
    internal static long Bear(MachineState* m, int childChannel, int* pidFd)
    {
        PlanHeader* header = m->Header;
        long ownNamespace = -1;
        if (header->PidNamespaceSlot >= 0)
        {
            ownNamespace = EnterPidNamespace(m->Slots[header->PidNamespaceSlot]);
            if (ownNamespace < 0)
                return ownNamespace;
        }
        int cgroup = header->CgroupSlot < 0 ? -1 : m->Slots[header->CgroupSlot];
        long pid = Clone(header->CloneFlags, Kernel.SIGCHLD, cgroup, pidFd);
        if (pid == 0)
        {
            m->Channel = childChannel;
            RunChild(m);
        }
        if (ownNamespace >= 0)
        {
            Kernel.Call(SyscallNumber.SetNs, (nint)ownNamespace, Kernel.CLONE_NEWPID);
            Kernel.Close((int)ownNamespace);
        }
        return pid;
    }

    /// <summary>Future children of this thread are born in the namespace; returns the present one's descriptor for the way back.</summary>
    private static long EnterPidNamespace(int target)
    {
        byte* path = stackalloc byte[32];
        path[Kernel.Copy(path, "/proc/self/ns/pid"u8)] = 0;
        long own = Kernel.Open(Kernel.AT_FDCWD, path, Kernel.O_RDONLY);
        if (own < 0)
            return own;
        long joined = Kernel.Call(SyscallNumber.SetNs, target, Kernel.CLONE_NEWPID);
        if (joined >= 0)
            return own;
        Kernel.Close((int)own);
        return joined;
    }

    private static void RunChild(MachineState* m)
    {
        ResetSignals();
        long result = TakeStdio(m);
        if (result < 0)
            Fail(m, -1, result);
        CloseOthers(m);
        SetSignalMask(0);
        Step* steps = Steps(m, PlanSection.Child, out int count);
        for (int i = 0; i < count; i++)
        {
            if (steps[i].Stage != LaunchStage.None)
                TellMoment(m, steps[i].Stage);
            result = Execute(m, steps + i);
            if (result >= 0 || IsQuiet(steps + i, result))
                continue;
            if ((steps[i].Flags & StepFlags.Tolerated) == 0)
                Fail(m, i, result);
            Send(m, ChannelMessageType.Warning, i, -result, m->Detail);
        }
        Kernel.Exit(0);
    }

    private static void Fail(MachineState* m, int step, long result)
    {
        Send(m, ChannelMessageType.Failure, step, -result, m->Detail);
        Kernel.Exit(127);
    }

    /// <summary>Every disposition back to the default: .NET ignores SIGPIPE, and an ignored signal would stay so in the program.</summary>
    private static void ResetSignals()
    {
        Kernel.SignalAction standard = default;
        for (int signal = 1; signal <= 64; signal++)
            Kernel.Call(SyscallNumber.SigAction, signal, (nint)(&standard), 0, 8);
    }

    /// <summary>Puts the three descriptors into place, by way of high numbers, so that none is overwritten before it is read.</summary>
    private static long TakeStdio(MachineState* m)
    {
        int* wanted = stackalloc int[3];
        wanted[0] = m->Stdin;
        wanted[1] = m->Stdout;
        wanted[2] = m->Stderr;
        for (int i = 0; i < 3; i++)
        {
            long copy = Kernel.Call(SyscallNumber.Fcntl, wanted[i], Kernel.F_DUPFD_CLOEXEC, 10);
            if (copy < 0)
                return copy;
            wanted[i] = (int)copy;
        }
        for (int i = 0; i < 3; i++)
        {
            long result = Kernel.Retry(SyscallNumber.Dup3, wanted[i], i, 0);
            if (result < 0)
                return result;
            Kernel.Close(wanted[i]);
        }
        return 0;
    }

    /// <summary>Closes what the child has no use for: other containers' logs and sockets must not lie open in it while it is set up.</summary>
    private static void CloseOthers(MachineState* m)
    {
        int from = 3 + m->Header->PreservedDescriptors;
        while (true)
        {
            int next = m->Channel >= from ? m->Channel : int.MaxValue;
            for (int i = 0; i < m->Header->SlotCount; i++)
            {
                if (m->Slots[i] >= from && m->Slots[i] < next)
                    next = m->Slots[i];
            }
            if (next > from)
                Kernel.Call(SyscallNumber.CloseRange, from, next - 1);
            if (next == int.MaxValue)
                return;
            from = next + 1;
        }
    }
}
