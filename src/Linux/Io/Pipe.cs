namespace CriRuntime.Linux;

/// <summary>The two ends of a new pipe(7), both blocking and close-on-exec. The receiver owns and disposes both.</summary>
public readonly record struct Pipe(FileDescriptor Read, FileDescriptor Write)
{
    public static unsafe Pipe Create()
    {
        int* ends = stackalloc int[2];
        Gate.Check(Libc.Pipe2(ends, Libc.O_CLOEXEC), "pipe2");
        return new Pipe(new FileDescriptor(ends[0]), new FileDescriptor(ends[1]));
    }

    /// <summary>Asks for room for <paramref name="bytes"/> in the pipe. False where the user's limit (pipe(7), pipe-max-size) refuses it.</summary>
    public bool TryResize(int bytes) => TryResize(Write, bytes);

    /// <summary>As <see cref="TryResize(int)"/>, by either end. False also when more lies in the pipe than would fit, or it is no pipe.</summary>
    public static bool TryResize(FileDescriptor end, int bytes) => Libc.Fcntl(end.Number, Libc.F_SETPIPE_SZ, bytes) >= 0;
}
