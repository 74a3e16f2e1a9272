namespace CriRuntime.Linux.Launching;

/// <summary>User namespaces for idmapped mounts, and the loopback interface.</summary>
internal static unsafe partial class StepMachine
{
    /// <summary>
    /// A user namespace exists as long as something refers to it: a process is born in it, gets its id maps,
    /// its namespace is opened, and it is ended again.
    /// </summary>
    private static long MakeUserNamespace(MachineState* m, Step* s)
    {
        long made = MakeUserNamespace(m->Text(s->Text), m->Text(s->Text2));
        return m->Keep(s->Slot, made);
    }

    /// <returns>A descriptor of the namespace.</returns>
    internal static long MakeUserNamespace(byte* uidMap, byte* gidMap)
    {
        long pid = Clone(Kernel.CLONE_NEWUSER, exitSignal: 0, cgroup: -1, null);
        if (pid < 0)
            return pid;
        if (pid == 0)
            HoldStill();
        long result = MapIds((int)pid, uidMap, gidMap);
        if (result >= 0)
            result = OpenOf((int)pid, "/ns/user"u8, Kernel.O_RDONLY);
        Kernel.Call(SyscallNumber.Kill, (nint)pid, Kernel.SIGKILL);
        Kernel.Retry(SyscallNumber.Wait4, (nint)pid, 0, 0x40000000); // __WALL: it has no exit signal
        return result;
    }

    private static void HoldStill()
    {
        while (true)
            Kernel.Call(SyscallNumber.PPoll);
    }

    private static long MapIds(int pid, byte* uidMap, byte* gidMap)
    {
        long result = WriteOf(pid, "/uid_map"u8, uidMap);
        return result < 0 ? result : WriteOf(pid, "/gid_map"u8, gidMap);
    }

    private static long WriteOf(int pid, ReadOnlySpan<byte> name, byte* content)
    {
        long fd = OpenOf(pid, name, Kernel.O_WRONLY);
        if (fd < 0)
            return fd;
        long written = Kernel.Write((int)fd, content, Kernel.Length(content));
        Kernel.Close((int)fd);
        return written;
    }

    private static long OpenOf(int pid, ReadOnlySpan<byte> name, int flags)
    {
        byte* path = stackalloc byte[64];
        int length = Kernel.Copy(path, "/proc/"u8);
        length += Kernel.Decimal(path + length, pid);
        length += Kernel.Copy(path + length, name);
        path[length] = 0;
        return Kernel.Open(Kernel.AT_FDCWD, path, flags);
    }

    /// <summary>struct ifreq: 16 bytes of name, then the flags.</summary>
    private static long LoopbackUp()
    {
        long socket = Kernel.Call(SyscallNumber.Socket, Kernel.AF_INET, Kernel.SOCK_DGRAM | Kernel.SOCK_CLOEXEC);
        if (socket < 0)
            return socket;
        byte* request = stackalloc byte[40];
        for (int i = 0; i < 40; i++)
            request[i] = 0;
        Kernel.Copy(request, "lo"u8);
        long result = Kernel.Call(SyscallNumber.Ioctl, (nint)socket, Kernel.SIOCGIFFLAGS, (nint)request);
        if (result >= 0)
        {
            *(ushort*)(request + 16) |= 1; // IFF_UP
            result = Kernel.Call(SyscallNumber.Ioctl, (nint)socket, Kernel.SIOCSIFFLAGS, (nint)request);
        }
        Kernel.Close((int)socket);
        return result;
    }
}
