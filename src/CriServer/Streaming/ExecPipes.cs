using CriRuntime.CriServer.Containers;
using CriRuntime.Linux;

namespace CriRuntime.CriServer.Streaming;

/// <summary>The pipes of an exec without a terminal: this side's ends as streams, the other side's to be handed over.</summary>
internal sealed class ExecPipes : IDisposable, IAsyncDisposable
{
    /// <param name="size">Of each output's pipe in bytes, as far as the user may; 0: as the kernel makes them.</param>
    internal ExecPipes(StreamSelection streams, int size = 0)
    {
        FileDescriptor? stdin = null;
        if (streams.Stdin)
        {
            Pipe pipe = Pipe.Create();
            Stdin = new DescriptorStream(pipe.Write);
            stdin = pipe.Read;
        }

        (Stdout, FileDescriptor? stdout) = Output(streams.Stdout, size);
        (Stderr, FileDescriptor? stderr) = Output(streams.Stderr, size);
        Theirs = new ExecStdio(stdin, stdout, stderr);
    }

    internal DescriptorStream? Stdin { get; }

    internal DescriptorStream? Stdout { get; }

    internal DescriptorStream? Stderr { get; }

    internal ExecStdio Theirs { get; }

    /// <summary>Once the other side has them: the ends of its output must be its alone.</summary>
    internal void CloseTheirs()
    {
        Theirs.Stdin?.Dispose();
        Theirs.Stdout?.Dispose();
        Theirs.Stderr?.Dispose();
    }

    public void Dispose()
    {
        CloseTheirs();
        Stdin?.Dispose();
        Stdout?.Dispose();
        Stderr?.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static (DescriptorStream?, FileDescriptor?) Output(bool wanted, int size)
    {
        if (!wanted)
            return (null, null);
        Pipe pipe = Pipe.Create();
        if (size > 0)
            pipe.TryResize(size);
        return (new DescriptorStream(pipe.Read), pipe.Write);
    }
}
