using System.Runtime.InteropServices;

namespace CriRuntime.Linux.Launching;

/// <summary>How far a section came.</summary>
/// <param name="Step">The index of the failed step; the section's length when all is done.</param>
/// <param name="Error">The failure, or <see cref="Errno.None"/>.</param>
/// <param name="Tolerated">The failure is only a warning: the section may go on behind the step.</param>
/// <param name="Detail">A hook's wait status, otherwise 0.</param>
public readonly record struct SectionOutcome(int Step, Errno Error, bool Tolerated, int Detail);

/// <summary>
/// A plan brought to life: a copy of its block in native memory with the pointers of its tables in place, and its descriptor slots.
/// Disposing closes the slots and frees the memory; what a plan did is undone by its own undo section only.
/// </summary>
public sealed unsafe class PlanImage : IDisposable
{
    private MachineState* machine;

    /// <summary>The copy of a block that <see cref="PlanFormat.Validate"/> accepted.</summary>
    public PlanImage(ReadOnlySpan<byte> validated)
    {
        PlanHeader header = PlanFormat.ReadHeader(validated);
        int slotBytes = (header.SlotCount * sizeof(int)) + 8;
        nuint size = (nuint)(sizeof(MachineState) + validated.Length + slotBytes + (2 * MachineState.PathCapacity));
        byte* memory = (byte*)NativeMemory.AlignedAlloc(size, 16);
        machine = (MachineState*)memory;
        byte* block = memory + ((sizeof(MachineState) + 7) & ~7);
        validated.CopyTo(new Span<byte>(block, validated.Length));
        *machine = new MachineState
        {
            Block = block,
            Header = (PlanHeader*)block,
            Path = block + validated.Length,
            Link = block + validated.Length + MachineState.PathCapacity,
            Slots = (int*)(block + validated.Length + (2 * MachineState.PathCapacity)),
            Channel = -1,
        };
        new Span<int>(machine->Slots, header.SlotCount).Fill(-1);
        PlacePointers();
    }

    /// <summary>The child's process id, for steps that write it; 0 before there is a child.</summary>
    public int ChildPid
    {
        get => machine->HostPid;
        set => machine->HostPid = value;
    }

    /// <summary>The plan's properties.</summary>
    public PlanFlags Flags => machine->Header->Flags;

    /// <summary>Runs a section of the parent's from a step on, until it ends or a step fails. Undo sections go on by themselves.</summary>
    public SectionOutcome Run(PlanSection section, int from = 0)
    {
        Step* steps = StepMachine.Steps(machine, section, out int count);
        for (int i = from; i < count; i++)
        {
            machine->Detail = 0;
            long result = StepMachine.Execute(machine, steps + i);
            if (result >= 0 || StepMachine.IsQuiet(steps + i, result))
                continue;
            return new(i, (Errno)(int)-result, (steps[i].Flags & StepFlags.Tolerated) != 0, machine->Detail);
        }
        return new(count, Errno.None, false, 0);
    }

    /// <summary>
    /// Clones the child, which runs its section and never comes back here. Only in a process whose one running managed thread is this one.
    /// </summary>
    /// <param name="stdin">What becomes its descriptor 0; likewise the next two.</param>
    /// <param name="channel">The parent's end of the socket to it.</param>
    /// <param name="pidFd">Its pidfd.</param>
    /// <returns>Its process id.</returns>
    /// <exception cref="LinuxException">The clone failed.</exception>
    public int Clone(FileDescriptor stdin, FileDescriptor stdout, FileDescriptor stderr, out FileDescriptor channel, out FileDescriptor pidFd)
    {
        int* pair = stackalloc int[2];
        Check(Kernel.Call(SyscallNumber.SocketPair, Kernel.AF_UNIX, Kernel.SOCK_SEQPACKET | Kernel.SOCK_CLOEXEC, 0, (nint)pair), "socketpair");
        machine->Stdin = stdin.Number;
        machine->Stdout = stdout.Number;
        machine->Stderr = stderr.Number;
        int process = -1;
        long pid = StepMachine.Bear(machine, pair[1], &process);
        Kernel.Close(pair[1]);
        if (pid < 0)
            Kernel.Close(pair[0]);
        Check(pid, "clone3");
        GC.KeepAlive(stdin);
        GC.KeepAlive(stdout);
        GC.KeepAlive(stderr);
        channel = new(pair[0]);
        pidFd = new(process);
        machine->HostPid = (int)pid;
        return (int)pid;
    }

    public void Dispose()
    {
        if (machine == null)
            return;
        for (int i = 0; i < machine->Header->SlotCount; i++)
            Kernel.Close(machine->Slots[i]);
        NativeMemory.AlignedFree(machine);
        machine = null;
    }

    private static void Check(long result, string operation)
    {
        if (result < 0)
            throw new LinuxException(operation, null, (Errno)(int)-result);
    }

    /// <summary>Offsets in the tables of programs become addresses, once, in this copy.</summary>
    private void PlacePointers()
    {
        for (PlanSection section = 0; section <= PlanSection.Undo; section++)
        {
            Step* steps = StepMachine.Steps(machine, section, out int count);
            for (int i = 0; i < count; i++)
            {
                if (StepShape.Of(steps[i].Kind) is not { Tables: true })
                    continue;
                ulong* entries = (ulong*)(machine->Block + steps[i].Blob + PlanFormat.TablesHeader);
                for (uint left = (steps[i].BlobLength - PlanFormat.TablesHeader) / 8; left > 0; left--, entries++)
                {
                    if (*entries != 0 && *entries < machine->Header->Length)
                        *entries += (ulong)machine->Block;
                }
            }
        }
    }
}
