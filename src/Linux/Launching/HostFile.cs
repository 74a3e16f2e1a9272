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

    /// <summary>Waits until a descriptor has something to read, or its end.</summary>
    public static void AwaitReadable(FileDescriptor descriptor)
    {
        Kernel.PollDescriptor poll = new() { Descriptor = descriptor.Number, Events = 1 };
        while (Gate.Interrupted(Libc.Poll(&poll, 1, -1)))
        {
        }
        GC.KeepAlive(descriptor);
    }

    /// <summary>When a process started, in clock ticks since boot (proc(5) stat, field 22); null for one that is gone. With the pid it names a process for good.</summary>
    public static long? StartTime(int pid)
    {
        long ticks = StepMachine.StartTime(pid);
        return ticks < 0 ? null : ticks;
    }
}
