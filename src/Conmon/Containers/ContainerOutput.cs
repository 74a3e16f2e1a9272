using CriRuntime.Conmon.Attach;
using CriRuntime.Conmon.Diagnostics;
using CriRuntime.Conmon.Logs;
using CriRuntime.Conmon.Loop;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Conmon.Stdio;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Containers;

/// <summary>A container's stdin, stdout and stderr, and where they are copied to: the log, and whoever is attached.</summary>
internal sealed class ContainerOutput : IDisposable
{
    /// <summary>What may lie in a pipe at its writer's end of life; what comes later comes from others.</summary>
    private const int DrainLimit = 1024 * 1024;

    /// <summary>A terminal passes its last bytes on a moment after its user has gone.</summary>
    private static readonly TimeSpan TerminalDrain = TimeSpan.FromMilliseconds(200);

    private readonly EventLoop _loop;
    private readonly CopyBuffers _buffers;
    private readonly MonitorLog _messages;
    private readonly CriLogFile? _log;
    private readonly LogSyncTimer? _syncTimer;
    private readonly bool _syncAtExit;
    private readonly bool _stdin;
    private readonly bool _stdinOnce;
    private readonly OutputStream[] _streams = new OutputStream[2];
    private int _streamCount;
    private FileDescriptor? _terminal;
    private Action? _whenDrained;

    internal ContainerOutput(MonitorContext context, CreateContainerRequest request, CriLogFile? log, ContainerPipes? pipes)
    {
        _loop = context.Loop;
        _buffers = context.Buffers;
        _messages = context.Log;
        _log = log;
        _stdin = request.Stdin;
        _stdinOnce = request.StdinOnce;
        _syncAtExit = request.LogOptions.Sync != LogSync.Never;
        if (log is not null && request.LogOptions.Sync == LogSync.Interval)
            _syncTimer = new LogSyncTimer(_loop, log, TimeSpan.FromSeconds(request.LogOptions.SyncSeconds));
        Attachments = new AttachmentSet(_loop, context.Attachments.Budget);
        if (pipes is null)
            return;
        if (pipes.Stdin is { } stdin)
            Attachments.Stdin = new ContainerStdin(_loop, stdin.Write, _stdinOnce);
        Add(pipes.Stdout.Read, LogStream.Stdout);
        Add(pipes.Stderr.Read, LogStream.Stderr);
    }

    internal AttachmentSet Attachments { get; }

    internal long LostLogBytes => _log?.LostBytes ?? 0;

    internal long RateLimitedLogBytes => _log?.RateLimitedBytes ?? 0;

    /// <summary>The container is set up; with a terminal, this is its master side.</summary>
    internal void Begin(FileDescriptor? terminal)
    {
        if (terminal is null)
            return;
        _terminal = terminal;
        // A descriptor of its own: the loop watches reading and writing apart.
        if (_stdin)
            Attachments.Stdin = new ContainerStdin(_loop, terminal.Duplicate(), _stdinOnce);
        Add(terminal, LogStream.Stdout);
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
        _whenDrained = action;
        if (_terminal is null || AllEnded)
        {
            FinishDraining();
            return;
        }

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
        Attachments.Finish();
        _syncTimer?.Stop();
        _log?.Dispose();
    }

    private bool AllEnded => (_streamCount < 1 || _streams[0].Ended) && (_streamCount < 2 || _streams[1].Ended);

    private void Add(FileDescriptor descriptor, LogStream stream)
    {
        _streams[_streamCount++] = new OutputStream(_loop, _buffers, descriptor, stream, _log, Attachments)
        {
            OnCopied = _syncTimer is null ? null : _syncTimer.Touch,
            OnEnd = () =>
            {
                if (AllEnded)
                    FinishDraining();
            },
        };
    }

    private void FinishDraining()
    {
        Action? action = _whenDrained;
        if (action is null)
            return;
        _whenDrained = null;
        if (_syncAtExit)
            _log?.Sync();
        Attachments.Finish();
        action();
    }
}
