namespace CriRuntime.Linux;

/// <summary>
/// A system call that failed: which call, on what, and the kernel's reason.
/// Thrown by every method of this room unless its docstring says otherwise.
/// </summary>
public sealed class LinuxException : IOException
{
    public LinuxException(string operation, string? path, Errno errno)
        : base(Describe(operation, path, errno))
    {
        Operation = operation;
        Path = path;
        Errno = errno;
    }

    /// <summary>The call as its manual page names it, e.g. <c>mount</c> or <c>openat2</c>.</summary>
    public string Operation { get; }

    /// <summary>What the call was about: a path, a process id, an address. Null where the call names nothing.</summary>
    public string? Path { get; }

    public Errno Errno { get; }

    private static string Describe(string operation, string? path, Errno errno)
    {
        string reason = Enum.IsDefined(errno) ? errno.ToString() : $"errno {(int)errno}";
        return path is null ? $"{operation}: {reason}" : $"{operation} {path}: {reason}";
    }
}
