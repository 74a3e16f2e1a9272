namespace CriRuntime.Linux.Launching;

/// <summary>The container's terminal, from the container's own devpts.</summary>
internal static unsafe partial class StepMachine
{
    /// <summary>
    /// The child's end comes from the master itself (TIOCGPTPEER), not from a path under /dev/pts that the image could have prepared (CVE-2025-52565).
    /// </summary>
    private static long OpenTerminal(MachineState* m, Step* s)
    {
        byte* path = stackalloc byte[16];
        path[Kernel.Copy(path, "dev/pts/ptmx"u8)] = 0;
        long master = Kernel.OpenResolved(m->Slots[s->Base], path, Kernel.O_RDWR | Kernel.O_NOCTTY, InRoot);
        if (master < 0)
            return master;
        long result = VerifyFilesystem((int)master, DevPtsMagic);
        int unlock = 0;
        if (result >= 0)
            result = Kernel.Call(SyscallNumber.Ioctl, (nint)master, Kernel.TIOCSPTLCK, (nint)(&unlock));
        if (result >= 0)
            result = m->Keep(s->Slot, Kernel.Call(SyscallNumber.Ioctl, (nint)master, Kernel.TIOCGPTPEER, Kernel.O_RDWR | Kernel.O_NOCTTY | Kernel.O_CLOEXEC));
        if (result >= 0)
            result = Kernel.Call(SyscallNumber.Fchown, m->Slots[s->Slot], s->Number, -1);
        if (result >= 0 && s->Value != 0)
            result = SetSize((int)master, s->Value);
        if (result >= 0)
            result = SendDescriptor(m, (int)master);
        Kernel.Close((int)master);
        return result;
    }

    private static long SetSize(int terminal, ulong size)
    {
        ushort* window = stackalloc ushort[4];
        window[0] = (ushort)size;
        window[1] = (ushort)(size >> 32);
        window[2] = 0;
        window[3] = 0;
        return Kernel.Call(SyscallNumber.Ioctl, terminal, Kernel.TIOCSWINSZ, (nint)window);
    }

    private static long UseTerminal(MachineState* m, Step* s)
    {
        long result = Kernel.Call(SyscallNumber.Ioctl, m->Slots[s->Slot], Kernel.TIOCSCTTY, 0);
        return result < 0 ? result : UseAsStdio(m, s);
    }

    private static long UseAsStdio(MachineState* m, Step* s)
    {
        long result = 0;
        for (int fd = 0; fd < 3 && result >= 0; fd++)
            result = Kernel.Retry(SyscallNumber.Dup3, m->Slots[s->Slot], fd, 0);
        return result;
    }

    /// <summary>A message of type Terminal with one descriptor (SCM_RIGHTS, cmsg(3)).</summary>
    private static long SendDescriptor(MachineState* m, int descriptor)
    {
        ChannelMessage message = new() { Type = ChannelMessageType.Terminal };
        Kernel.IoVector vector = new() { Base = &message, Length = (nuint)sizeof(ChannelMessage) };
        ulong* control = stackalloc ulong[3];
        control[0] = 20; // CMSG_LEN(4)
        control[1] = 1 | (1UL << 32); // SOL_SOCKET, SCM_RIGHTS
        control[2] = (uint)descriptor;
        Kernel.MessageHeader header = new() { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = 24 };
        return Kernel.Retry(SyscallNumber.SendMsg, m->Channel, (nint)(&header), Kernel.MSG_NOSIGNAL);
    }
}
