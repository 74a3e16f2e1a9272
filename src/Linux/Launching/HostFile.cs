using System.Text;

namespace CriRuntime.Linux.Launching;

/// <summary>How <see cref="HostFile.Open"/> opens.</summary>
public enum HostFileAccess
{
    Read,
    Write,
    ReadWrite,

    /// <summary>For writing, and without waiting for a reader: ENXIO where a fifo has none.</summary>
    WriteNow,
}

/// <summary>Devices, fifos and namespaces of the host, which the BCL's files do not open as they are.</summary>
public static unsafe class HostFile
{
    /// <exception cref="LinuxException"/>
    public static FileDescriptor Open(string path, HostFileAccess access)
    {
        int flags = access switch
        {
            HostFileAccess.Write => Kernel.O_WRONLY,
            HostFileAccess.ReadWrite => Kernel.O_RDWR,
            HostFileAccess.WriteNow => Kernel.O_WRONLY | Kernel.O_NONBLOCK,
            _ => Kernel.O_RDONLY,
        };
        fixed (byte* bytes = Encoding.UTF8.GetBytes(path + '\0'))
        {
            long fd = Kernel.Open(Kernel.AT_FDCWD, bytes, flags | Kernel.O_NOCTTY);
            return fd < 0 ? throw new LinuxException("open", path, (Errno)(int)-fd) : new((int)fd);
        }
    }

    /// <summary>Waits until a descriptor has something to read, or its end; false when the time (-1: any) is over first.</summary>
    public static bool AwaitReadable(FileDescriptor descriptor, int milliseconds = -1)
    {
        Kernel.PollDescriptor poll = new() { Descriptor = descriptor.Number, Events = 1 };
        int ready;
        do
        {
            ready = Libc.Poll(&poll, 1, milliseconds);
        }
        while (Gate.Interrupted(ready));
        GC.KeepAlive(descriptor);
        return Gate.Check(ready, "poll") > 0;
    }

    /// <summary>Waits until one of two descriptors has something to read, or its end; true when the first has.</summary>
    public static bool AwaitFirst(FileDescriptor first, FileDescriptor second)
    {
        Kernel.PollDescriptor* polls = stackalloc Kernel.PollDescriptor[2];
        polls[0] = new() { Descriptor = first.Number, Events = 1 };
        polls[1] = new() { Descriptor = second.Number, Events = 1 };
        int ready;
        do
        {
            ready = Libc.Poll(polls, 2, -1);
        }
        while (Gate.Interrupted(ready));
        Gate.Check(ready, "poll");
        GC.KeepAlive(first);
        GC.KeepAlive(second);
        return polls[0].Returned != 0;
    }

    /// <summary>mkdir(2), mode 0700; false when something of that name exists.</summary>
    /// <exception cref="LinuxException"/>
    public static bool TryMakeDirectory(string path)
    {
        fixed (byte* bytes = Encoding.UTF8.GetBytes(path + '\0'))
        {
            long result = Kernel.Call(SyscallNumber.MkdirAt, Kernel.AT_FDCWD, (nint)bytes, 0x1c0);
            if (result == -Kernel.Eexist)
                return false;
            return result < 0 ? throw new LinuxException("mkdir", path, (Errno)(int)-result) : true;
        }
    }

    /// <summary>unlink(2); a file that is gone is fine.</summary>
    /// <exception cref="LinuxException"/>
    public static void TryRemove(string path) => Remove(path, 0, "unlink");

    /// <summary>rmdir(2); one that is gone is fine, false for one that is not empty.</summary>
    /// <exception cref="LinuxException"/>
    public static bool TryRemoveDirectory(string path) => Remove(path, Kernel.AT_REMOVEDIR, "rmdir") != Errno.ENOTEMPTY;

    private static Errno Remove(string path, int flags, string operation)
    {
        fixed (byte* bytes = Encoding.UTF8.GetBytes(path + '\0'))
        {
            var errno = (Errno)(int)-Kernel.Call(SyscallNumber.UnlinkAt, Kernel.AT_FDCWD, (nint)bytes, flags);
            return errno is Errno.None or Errno.ENOENT or Errno.ENOTEMPTY ? errno : throw new LinuxException(operation, path, errno);
        }
    }

    /// <summary>A whole file of procfs or sysfs, whose length shows only in reading; not for files that a user fills.</summary>
    /// <exception cref="LinuxException"/>
    public static string ReadText(string path)
    {
        using FileDescriptor file = Open(path, HostFileAccess.Read);
        byte[] text = new byte[4096];
        int length = 0;
        while (file.Read(text.AsSpan(length)) is > 0 and int read)
        {
            length += read;
            if (length == text.Length)
                Array.Resize(ref text, length * 4);
        }
        return Encoding.UTF8.GetString(text, 0, length);
    }

    /// <summary>When a process started, in clock ticks since boot (proc(5) stat, field 22); null for one that is gone or a zombie. With the pid it names a process for good.</summary>
    public static long? StartTime(int pid)
    {
        long ticks = StepMachine.StartTime(pid);
        return ticks < 0 ? null : ticks;
    }
}
