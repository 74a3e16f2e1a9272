namespace CriRuntime.Linux.Launching;

/// <summary>Parent and child in step with each other, the gate, and the end of the plan.</summary>
internal static unsafe partial class StepMachine
{
    internal static long Send(MachineState* m, ChannelMessageType type, int step, long error = 0, int detail = 0)
    {
        ChannelMessage message = new() { Type = type, Step = step, Error = (Errno)(int)error, Detail = detail };
        return Kernel.Retry(SyscallNumber.SendTo, m->Channel, (nint)(&message), sizeof(ChannelMessage), Kernel.MSG_NOSIGNAL);
    }

    /// <summary>Has the parent note when a stage began. A launch never fails over it.</summary>
    private static void TellMoment(MachineState* m, LaunchStage stage)
    {
        long* time = stackalloc long[2]; // struct timespec
        if (Kernel.Call(SyscallNumber.ClockGetTime, Kernel.CLOCK_REALTIME, (nint)time) < 0)
            return;
        long nanoseconds = (time[0] * 1_000_000_000) + time[1];
        Send(m, ChannelMessageType.Moment, (int)stage, (int)nanoseconds, (int)(nanoseconds >> 32));
    }

    private static long AwaitParent(MachineState* m)
    {
        ChannelMessage message;
        long read = Kernel.Retry(SyscallNumber.RecvFrom, m->Channel, (nint)(&message), sizeof(ChannelMessage));
        if (read != sizeof(ChannelMessage) || message.Type != ChannelMessageType.Proceed)
            Kernel.Exit(1); // nobody is left to be told
        if (message.Step > 0)
            m->HostPid = message.Step;
        return 0;
    }

    private static long AskParent(MachineState* m, Step* s)
    {
        long sent = Send(m, ChannelMessageType.Stage, s->Number);
        return sent < 0 ? sent : AwaitParent(m);
    }

    private static long ForkAgain(MachineState* m, Step* s)
    {
        // CLONE_PARENT: the new process is the launcher's child too, and reaped by it.
        long pid = Clone(s->Value | Kernel.CLONE_PARENT, exitSignal: 0, cgroup: -1, null);
        if (pid < 0)
            return pid;
        if (pid > 0)
        {
            Send(m, ChannelMessageType.NewPid, (int)pid);
            Kernel.Exit(0);
        }
        SetSignalMask(0);
        return AwaitParent(m);
    }

    private static long StopAtGate(MachineState* m)
    {
        Send(m, ChannelMessageType.Ready, 0);
        if (m->Header->GateSlot < 0)
            return AwaitParent(m);
        byte released;
        if (Kernel.Read(m->Slots[m->Header->GateSlot], &released, 1) != 1)
            Kernel.Exit(1);
        return 0;
    }

    private static long Finish(MachineState* m)
    {
        Send(m, ChannelMessageType.Ready, 0);
        Kernel.Exit(0);
        return 0;
    }

    /// <summary>All signals stay blocked and are taken one by one, so that even the first process of a namespace sees SIGTERM.</summary>
    private static long ReapOrphans(MachineState* m)
    {
        SetSignalMask(~0UL);
        Send(m, ChannelMessageType.Ready, 0);
        Kernel.Call(SyscallNumber.CloseRange, 0, -1);
        ulong all = ~0UL;
        while (true)
        {
            long signal = Kernel.Call(SyscallNumber.SigTimedWait, (nint)(&all), 0, 0, 8);
            if (signal == Kernel.SIGTERM)
                Kernel.Exit(0);
            if (signal != Kernel.SIGCHLD)
                continue;
            while (Kernel.Call(SyscallNumber.Wait4, -1, 0, 1) > 0) // WNOHANG
            {
            }
        }
    }

    private static long Exec(MachineState* m, Step* s)
    {
        ProgramTables program = new(m->Block + s->Blob);
        Kernel.Call(SyscallNumber.CloseRange, 3 + m->Header->PreservedDescriptors, -1, Kernel.CLOSE_RANGE_CLOEXEC);
        Send(m, ChannelMessageType.Executing, 0);
        return ExecFirst(program);
    }

    /// <summary>As execvp(3): a candidate that may not be executed is worth a message only when no later one can be.</summary>
    private static long ExecFirst(ProgramTables program)
    {
        long error = -Kernel.Enoent;
        for (uint i = 0; i < program.CandidateCount; i++)
        {
            long result = Kernel.Call(SyscallNumber.ExecVe, program.Candidates[i], (nint)program.Arguments, (nint)program.Environment);
            if (result == -Kernel.Eacces)
                error = result;
            else if (result is not (-Kernel.Enoent or -Kernel.Enotdir))
                return result;
        }
        return error;
    }

    /// <summary>The three pointer tables of a program, each ended by a null.</summary>
    private readonly struct ProgramTables
    {
        internal readonly uint CandidateCount;
        internal readonly nint* Candidates;
        internal readonly nint* Arguments;
        internal readonly nint* Environment;

        internal ProgramTables(byte* blob)
        {
            CandidateCount = ((uint*)blob)[0];
            Candidates = (nint*)(blob + PlanFormat.TablesHeader);
            Arguments = Candidates + CandidateCount + 1;
            Environment = Arguments + ((uint*)blob)[1] + 1;
        }
    }
}
