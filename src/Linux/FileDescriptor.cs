using Microsoft.Win32.SafeHandles;

namespace CriRuntime.Linux;

/// <summary>An open file descriptor that this process owns, close-on-exec from birth, closed by Dispose.</summary>
public sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>For the marshaller; holds nothing until the call fills it.</summary>
    public FileDescriptor()
        : base(ownsHandle: true)
    {
    }

    /// <summary>Takes ownership of <paramref name="fd"/>, a number of 0 or more that nothing else will close.</summary>
    public FileDescriptor(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>The number, for a call that takes several; valid while this object is alive and not disposed.</summary>
    /// <exception cref="LinuxException">EBADF: it is closed, as the kernel would say, had it not given the number to another file meanwhile.</exception>
    public int Number => IsClosed ? throw new LinuxException("use a descriptor", null, Errno.EBADF) : (int)handle;

    public override string ToString() => IsClosed ? "closed fd" : $"fd {Number}";

    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
