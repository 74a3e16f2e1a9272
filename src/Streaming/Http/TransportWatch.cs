using CriRuntime.Streaming.Channels;

namespace CriRuntime.Streaming.Http;

/// <summary>
/// Looks at a connection each second: ends it when it was idle too long, when a write hangs too long, and, while reading is paused
/// and so nobody would notice, when the peer has gone.
/// </summary>
internal sealed class TransportWatch : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);
    private readonly IUpgradedTransport _transport;
    private readonly StreamingOptions _options;
    private readonly ReceiveBudget _budget;
    private readonly Action<Exception> _fail;
    private readonly ITimer _timer;
    private long _lastActivity;
    private long _writeStarted;

    internal TransportWatch(IUpgradedTransport transport, StreamingOptions options, ReceiveBudget budget, Action<Exception> fail)
    {
        _transport = transport;
        _options = options;
        _budget = budget;
        _fail = fail;
        Active();
        _timer = options.Clock.CreateTimer(static state => ((TransportWatch)state!).Look(), this, s_period, s_period);
    }

    /// <summary>Something was read.</summary>
    internal void Active() => Volatile.Write(ref _lastActivity, _options.Clock.GetTimestamp());

    internal void WriteStarts() => Volatile.Write(ref _writeStarted, _options.Clock.GetTimestamp());

    internal void WriteEnds()
    {
        Volatile.Write(ref _lastActivity, Volatile.Read(ref _writeStarted));
        Volatile.Write(ref _writeStarted, 0);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        long writeStarted = Volatile.Read(ref _writeStarted);
        if (writeStarted != 0 && _options.Clock.GetElapsedTime(writeStarted) > _options.WriteTimeout)
            End($"The client has read nothing for {_options.WriteTimeout}.");
        else if (_options.Clock.GetElapsedTime(Volatile.Read(ref _lastActivity)) > _options.IdleTimeout)
            End($"The connection was idle for {_options.IdleTimeout}.");
        else if (_budget.IsPaused && _transport.PeerHasClosed())
            _fail(new IOException("The client closed the connection."));
    }

    private void End(string reason)
    {
        _options.Report?.Invoke(reason, null);
        _fail(new IOException(reason));
    }
}
