using CriRuntime.Conmon.Diagnostics;
using CriRuntime.Conmon.Logs;
using CriRuntime.Conmon.Loop;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Conmon.Stdio;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Containers;

/// <summary>A container's stdin, stdout and stderr, and the log that they are copied to.</summary>
internal sealed class ContainerOutput : IDisposable
{
    private const int PipeSize = 256 * 1024;

    /// <summary>What may lie in a pipe at its writer's end of life; what comes later comes from others.</summary>
    private const int DrainLimit = 1024 * 1024;

    /// <summary>A terminal passes its last bytes on a moment after its user has gone.</summary>
    private static readonly TimeSpan TerminalDrain = TimeSpan.FromMilliseconds(200);

    private readonly EventLoop _loop;
    private readonly CopyBuffers _buffers;
    private readonly MonitorLog _messages;
    private readonly CriLogFile? _log;
    private readonly FileDescriptor? _stdin;
    private readonly OutputStream[] _streams = new OutputStream[2];
    private int _streamCount;
    private FileDescriptor? _terminal;
    private Action? _whenDrained;

    internal ContainerOutput(MonitorContext context, CriLogFile? log, ContainerPipes? pipes)
    {
        _loop = context.Loop;
        _buffers = context.Buffers;
        _messages = context.Log;
        _log = log;
        _stdin = pipes?.Stdin?.Write;
        if (pipes is null)
            return;
        Add(pipes.Stdout, LogStream.Stdout);
        Add(pipes.Stderr, LogStream.Stderr);
    }

    internal long LostLogBytes => _log?.LostBytes ?? 0;

    /// <summary>The container is set up; with a terminal, this is its master side.</summary>
    internal void Begin(FileDescriptor? terminal)
    {
        if (terminal is null)
            return;
        _terminal = terminal;
        _streams[_streamCount++] = Watch(new OutputStream(_loop, _buffers, terminal, LogStream.Stdout, _log));
    }

    internal void ReopenLog()
    {
        if (_log is null)
            return;
        long lost = _log.LostBytes;
        _log.Reopen();
        if (lost > 0)
            _messages.Warning($"{lost} bytes could not be written to the log {_log.Path} so far");
    }

    internal void Resize(int width, int height)
    {
        if (width is < 1 or > ushort.MaxValue || height is < 1 or > ushort.MaxValue)
            throw new MonitorException(MonitorErrorKind.InvalidRequest, $"{width} by {height} is no terminal size");
        if (_terminal is null or { IsClosed: true })
            throw new MonitorException(MonitorErrorKind.WrongState, "the container has no open terminal");
        PseudoTerminal.Resize(_terminal, width, height);
    }

    /// <summary>
    /// Copies what the ended process has left behind, then calls back. Does not wait for processes that keep the output
    /// open: theirs is copied on until they close it or the container is deleted.
    /// </summary>
    internal void WhenDrained(Action action)
    {
        for (int i = 0; i < _streamCount; i++)
            _streams[i].Drain(DrainLimit);
        if (_terminal is null || AllEnded)
        {
            action();
            return;
        }

        _whenDrained = action;
        _loop.After(TerminalDrain, FinishDraining);
    }

    public void Dispose()
    {
        for (int i = 0; i < _streamCount; i++)
        {
            _streams[i].Drain(DrainLimit);
            _streams[i].Dispose();
        }

        if (LostLogBytes > 0)
            _messages.Warning($"{LostLogBytes} bytes could not be written to the log {_log!.Path}: {_log.Failure}");
        _stdin?.Dispose();
        _log?.Dispose();
    }

    private bool AllEnded => (_streamCount < 1 || _streams[0].Ended) && (_streamCount < 2 || _streams[1].Ended);

    private void Add(Pipe pipe, LogStream stream)
    {
        pipe.TryResize(PipeSize);
        _streams[_streamCount++] = Watch(new OutputStream(_loop, _buffers, pipe.Read, stream, _log));
    }

    private OutputStream Watch(OutputStream stream)
    {
        stream.OnEnd = () =>
        {
            if (AllEnded)
                FinishDraining();
        };
        return stream;
    }

    private void FinishDraining()
    {
        Action? action = _whenDrained;
        _whenDrained = null;
        action?.Invoke();
    }
}
