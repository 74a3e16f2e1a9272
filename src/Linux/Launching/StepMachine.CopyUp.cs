namespace CriRuntime.Linux.Launching;

/// <summary>tmpcopyup: what the image has under a tmpfs's mount point is copied into the tmpfs before it covers it.</summary>
internal static unsafe partial class StepMachine
{
    private const int DeepestDirectory = 64;
    private const int EntriesBuffer = 4096;

    private static long CopyUp(MachineState* m, Step* s)
    {
        byte* here = stackalloc byte[2];
        here[0] = (byte)'.';
        here[1] = 0;
        long source = Kernel.Open(m->Slots[s->Base], here, Kernel.O_RDONLY | Kernel.O_DIRECTORY);
        if (source < 0)
            return source;
        long target = Kernel.Open(m->Slots[s->Slot], here, Kernel.O_RDONLY | Kernel.O_DIRECTORY);
        long result = target < 0 ? target : CopyDirectory(m, (int)source, (int)target, 0);
        if (target >= 0)
            Kernel.Close((int)target);
        Kernel.Close((int)source);
        return result;
    }

    private static long CopyDirectory(MachineState* m, int source, int target, int depth)
    {
        if (depth > DeepestDirectory)
            return -Kernel.Eloop;
        byte* entries = stackalloc byte[EntriesBuffer];
        while (true)
        {
            long filled = Kernel.Call(SyscallNumber.GetDents64, source, (nint)entries, EntriesBuffer);
            if (filled <= 0)
                return filled;
            for (long at = 0; at < filled; at += *(ushort*)(entries + at + 16)) // d_reclen
            {
                byte* name = entries + at + 19; // d_name
                bool dots = name[0] == (byte)'.' && (name[1] == 0 || (name[1] == (byte)'.' && name[2] == 0));
                long result = dots ? 0 : CopyEntry(m, source, target, name, depth);
                if (result < 0)
                    return result;
            }
        }
    }

    private static long CopyEntry(MachineState* m, int source, int target, byte* name, int depth)
    {
        Kernel.FileStatus status;
        long result = Kernel.Status(source, name, Kernel.AT_SYMLINK_NOFOLLOW, &status);
        if (result < 0)
            return result;
        result = (status.Mode & Kernel.S_IFMT) switch
        {
            Kernel.S_IFDIR => CopySubdirectory(m, source, target, name, depth),
            Kernel.S_IFREG => CopyFile(source, target, name, (long)status.Size),
            Kernel.S_IFLNK => CopyLink(m, source, target, name),
            _ => CopyNode(target, name, &status),
        };
        if (result < 0)
            return result;
        result = Kernel.Call(SyscallNumber.FchownAt, target, (nint)name, (nint)status.Uid, (nint)status.Gid, Kernel.AT_SYMLINK_NOFOLLOW);
        if (result >= 0 && (status.Mode & Kernel.S_IFMT) != Kernel.S_IFLNK)
            result = Kernel.Call(SyscallNumber.FchmodAt, target, (nint)name, status.Mode & 0xfff);
        return result < 0 ? result : CopyTimes(target, name, &status);
    }

    private static long CopyTimes(int target, byte* name, Kernel.FileStatus* status)
    {
        Kernel.TimeSpec* times = stackalloc Kernel.TimeSpec[2];
        times[0] = new() { Seconds = status->Access.Seconds, Nanoseconds = status->Access.Nanoseconds };
        times[1] = new() { Seconds = status->Modification.Seconds, Nanoseconds = status->Modification.Nanoseconds };
        return Kernel.Call(SyscallNumber.UtimensAt, target, (nint)name, (nint)times, Kernel.AT_SYMLINK_NOFOLLOW);
    }

    private static long CopySubdirectory(MachineState* m, int source, int target, byte* name, int depth)
    {
        long result = Kernel.Call(SyscallNumber.MkdirAt, target, (nint)name, 0x1c0); // 0700, the mode follows
        if (result < 0)
            return result;
        long from = Kernel.Open(source, name, Kernel.O_RDONLY | Kernel.O_DIRECTORY | Kernel.O_NOFOLLOW);
        if (from < 0)
            return from;
        long to = Kernel.Open(target, name, Kernel.O_RDONLY | Kernel.O_DIRECTORY | Kernel.O_NOFOLLOW);
        result = to < 0 ? to : CopyDirectory(m, (int)from, (int)to, depth + 1);
        Kernel.Close((int)from);
        if (to >= 0)
            Kernel.Close((int)to);
        return result;
    }

    private static long CopyFile(int source, int target, byte* name, long size)
    {
        long from = Kernel.Open(source, name, Kernel.O_RDONLY | Kernel.O_NOFOLLOW | Kernel.O_NONBLOCK);
        if (from < 0)
            return from;
        long to = Kernel.Open(target, name, Kernel.O_WRONLY | Kernel.O_CREAT | Kernel.O_EXCL, 0x180); // 0600
        long result = to;
        while (result >= 0 && size > 0)
        {
            result = Kernel.Retry(SyscallNumber.SendFile, (nint)to, (nint)from, 0, (nint)(size < 1 << 30 ? size : 1 << 30));
            if (result == 0)
                break; // it became shorter meanwhile
            size -= result;
        }
        Kernel.Close((int)from);
        if (to >= 0)
            Kernel.Close((int)to);
        return result < 0 ? result : 0;
    }

    private static long CopyLink(MachineState* m, int source, int target, byte* name)
    {
        long length = Kernel.Call(SyscallNumber.ReadLinkAt, source, (nint)name, (nint)m->Link, MachineState.PathCapacity - 1);
        if (length < 0)
            return length;
        m->Link[length] = 0;
        return Kernel.Call(SyscallNumber.SymlinkAt, (nint)m->Link, target, (nint)name);
    }

    private static long CopyNode(int target, byte* name, Kernel.FileStatus* status) =>
        Kernel.Call(SyscallNumber.MknodAt, target, (nint)name, status->Mode, (nint)DeviceNumber(status->NodeMajor, status->NodeMinor));
}
