namespace CriRuntime.Linux.Launching;

/// <summary>Files at trusted paths: what the parent prepares, cleans up, and writes about its child.</summary>
internal static unsafe partial class StepMachine
{
    private static long MakeDirectory(MachineState* m, Step* s)
    {
        long result = Kernel.Call(SyscallNumber.MkdirAt, m->SlotOrCurrent(s->Base), (nint)m->Text(s->Text), s->Number);
        return result == -Kernel.Eexist && s->Value == 0 ? 0 : result;
    }

    private static long Remove(MachineState* m, Step* s, int flags)
    {
        long result = Kernel.Call(SyscallNumber.UnlinkAt, m->SlotOrCurrent(s->Base), (nint)m->Text(s->Text), flags);
        return result == -Kernel.Enoent ? 0 : result;
    }

    private static long Unmount(MachineState* m, Step* s)
    {
        long result = Kernel.Call(SyscallNumber.Umount2, (nint)m->Text(s->Text), s->Number);
        return result is -Kernel.Einval or -Kernel.Enoent ? 0 : result;
    }

    private static long CloseSlot(MachineState* m, Step* s)
    {
        Kernel.Close(m->Slots[s->Slot]);
        m->Slots[s->Slot] = -1;
        return 0;
    }

    private static long WriteFile(int directory, byte* path, int flags, byte* content, int length)
    {
        long fd = Kernel.Open(directory, path, Kernel.O_WRONLY | flags, 0x1a4); // 0644
        if (fd < 0)
            return fd;
        long written = Kernel.Write((int)fd, content, length);
        Kernel.Close((int)fd);
        return written < 0 ? written : written == length ? 0 : -Kernel.Eio;
    }

    private static long CopyIfEmpty(byte* path, byte* source)
    {
        const int Capacity = 4096;
        byte* content = stackalloc byte[Capacity];
        long length = ReadFile(path, content, Capacity);
        if (length < 0 || (length > 0 && content[0] != (byte)'\n'))
            return length < 0 ? length : 0;
        length = ReadFile(source, content, Capacity);
        return length <= 0 ? length : WriteFile(Kernel.AT_FDCWD, path, 0, content, (int)length);
    }

    private static long ReadFile(byte* path, byte* content, int capacity)
    {
        long fd = Kernel.Open(Kernel.AT_FDCWD, path, Kernel.O_RDONLY);
        if (fd < 0)
            return fd;
        long read = Kernel.Read((int)fd, content, capacity);
        Kernel.Close((int)fd);
        return read;
    }

    private static long WriteChildPid(MachineState* m, Step* s)
    {
        byte* digits = stackalloc byte[24];
        int length = Kernel.Decimal(digits, m->HostPid);
        return WriteFile(m->SlotOrCurrent(s->Base), m->Text(s->Text), s->Number, digits, length);
    }

    private static long OpenChildProc(MachineState* m, Step* s)
    {
        byte* path = stackalloc byte[48];
        int length = Kernel.Copy(path, "/proc/"u8);
        Kernel.Decimal(path + length, m->HostPid);
        return m->Keep(s->Slot, Kernel.Open(Kernel.AT_FDCWD, path, Kernel.O_PATH | Kernel.O_DIRECTORY));
    }

    private static long OpenPidFd(MachineState* m, Step* s)
    {
        long fd = Kernel.Call(SyscallNumber.PidFdOpen, s->Number, 0);
        if (fd < 0)
            return fd;
        if (s->Value != 0 && StartTime(s->Number) != (long)s->Value)
        {
            Kernel.Close((int)fd); // another process has the number by now
            return -Kernel.Esrch;
        }
        return m->Keep(s->Slot, fd);
    }

    /// <summary>When a process started, in clock ticks since boot; -errno for one that is gone or a zombie.</summary>
    internal static long StartTime(int pid)
    {
        byte* path = stackalloc byte[48];
        int length = Kernel.Copy(path, "/proc/"u8);
        length += Kernel.Decimal(path + length, pid);
        length += Kernel.Copy(path + length, "/stat"u8);
        path[length] = 0;
        long fd = Kernel.Open(Kernel.AT_FDCWD, path, Kernel.O_RDONLY);
        if (fd < 0)
            return fd;
        byte* content = stackalloc byte[1024];
        long read = Kernel.Read((int)fd, content, 1023);
        Kernel.Close((int)fd);
        return read < 0 ? read : FieldAfterName(content, (int)read, 20);
    }

    /// <summary>Field number <paramref name="field"/> counted from the process's name, which may itself hold blanks and brackets.</summary>
    private static long FieldAfterName(byte* stat, int length, int field)
    {
        int at = length - 1;
        while (at > 0 && stat[at] != (byte)')')
            at--;
        if (at + 2 < length && stat[at + 2] is (byte)'Z' or (byte)'X')
            return -Kernel.Esrch;
        for (; at < length && field > 0; at++)
        {
            if (stat[at] == (byte)' ')
                field--;
        }
        long value = 0;
        for (; at < length && stat[at] is >= (byte)'0' and <= (byte)'9'; at++)
            value = (value * 10) + (stat[at] - '0');
        return value;
    }

    private static long VerifyFilesystem(int fd, ulong magic)
    {
        ulong* status = stackalloc ulong[32];
        long result = Kernel.Call(SyscallNumber.FStatFs, fd, (nint)status);
        return result < 0 ? result : status[0] == magic ? 0 : -Kernel.Eperm;
    }

    /// <summary>Device numbers travel in the form that mknod(2) takes.</summary>
    private static long VerifyDevice(int fd, ulong device)
    {
        Kernel.FileStatus status;
        long result = Kernel.Status(fd, &status);
        if (result < 0)
            return result;
        bool same = (status.Mode & Kernel.S_IFMT) == Kernel.S_IFCHR && DeviceNumber(status.NodeMajor, status.NodeMinor) == device;
        return same ? 0 : -Kernel.Eperm;
    }

    /// <summary>The kernel's 32-bit encoding of a device number (new_encode_dev).</summary>
    internal static ulong DeviceNumber(uint major, uint minor) =>
        (minor & 0xff) | (major << 8) | ((ulong)(minor & ~0xffu) << 12);
}
