using CriRuntime.Conmon.Loop;

namespace CriRuntime.Conmon.Logs;

/// <summary>Syncs a log every so often while something is being written to it; never when nothing is.</summary>
internal sealed class LogSyncTimer
{
    private readonly EventLoop _loop;
    private readonly CriLogFile _log;
    private readonly TimeSpan _interval;
    private readonly Action _sync;
    private bool _waiting;
    private bool _stopped;

    internal LogSyncTimer(EventLoop loop, CriLogFile log, TimeSpan interval)
    {
        _loop = loop;
        _log = log;
        _interval = interval;
        _sync = Sync;
    }

    /// <summary>Something may have been written.</summary>
    internal void Touch()
    {
        if (_waiting || _stopped || !_log.Dirty)
            return;
        _waiting = true;
        _loop.After(_interval, _sync);
    }

    internal void Stop() => _stopped = true;

    private void Sync()
    {
        _waiting = false;
        if (!_stopped)
            _log.Sync();
    }
}
