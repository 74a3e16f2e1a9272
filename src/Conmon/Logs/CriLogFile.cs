using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Logs;

/// <summary>
/// A container's log file. A write that fails never holds the container up: what could not be written is counted and
/// dropped, and the next write tries again. So it is with what exceeds the rate.
/// </summary>
internal sealed class CriLogFile : IDisposable
{
    /// <summary>An outage is over when a write succeeds this long after the last failure: a disk that is just full takes a little now and then.</summary>
    private const long OutageMilliseconds = 1000;

    private const long RateNoticeMilliseconds = 10_000;

    private readonly LogLocation _location;
    private readonly LogOptions _options;
    private readonly ILogObserver? _observer;
    private readonly LogRate? _rate;
    private FileDescriptor _file;
    private bool _torn;
    private bool _inOutage;
    private long _failedAt;
    private long _rateNoticeAt = long.MinValue / 2;

    /// <exception cref="MonitorException">The file cannot be opened.</exception>
    internal CriLogFile(LogLocation location, LogOptions? options = null, ILogObserver? observer = null)
    {
        _location = location;
        _options = options ?? LogOptions.Default;
        _observer = observer;
        _rate = _options.BytesPerSecond > 0 ? new LogRate(_options.BytesPerSecond, Environment.TickCount64) : null;
        _file = location.Open();
        Size = FileWriting.Length(_file);
    }

    /// <summary>Bytes of entries that were dropped because writing failed.</summary>
    internal long LostBytes { get; private set; }

    /// <summary>Bytes of entries that were dropped because they were too many a second.</summary>
    internal long RateLimitedBytes { get; private set; }

    /// <summary>Why the last write failed; None after one that succeeded.</summary>
    internal Errno Failure { get; private set; }

    /// <summary>The file's length, as far as this process made it.</summary>
    internal long Size { get; private set; }

    /// <summary>Something was written that was not synced yet.</summary>
    internal bool Dirty { get; private set; }

    internal string Path => _location.FullPath;

    /// <summary>Appends whole entries.</summary>
    internal void Write(ReadOnlySpan<byte> entries)
    {
        if (_rate is not null)
            entries = entries[..Admit(entries)];
        while (!entries.IsEmpty)
        {
            int fitting = Fitting(entries);
            if (fitting == 0)
            {
                StartOver();
                continue;
            }

            WriteFitting(entries[..fitting]);
            entries = entries[fitting..];
        }
    }

    /// <summary>Goes on in a new file at the same path. When that cannot be opened, the old one stays in use.</summary>
    /// <exception cref="MonitorException">See <see cref="LogLocation.Open"/>.</exception>
    internal void Reopen()
    {
        FileDescriptor fresh = _location.Open();
        if (_options.Sync != LogSync.Never)
            Sync();
        _file.Dispose();
        _file = fresh;
        Size = FileWriting.Length(fresh);
        // A torn entry stays behind in the old file.
        _torn = false;
    }

    /// <summary>Forces what was written to disk, as long as that takes. A failure counts as one of writing.</summary>
    internal void Sync()
    {
        if (!Dirty)
            return;
        Dirty = false;
        try
        {
            FileWriting.SyncData(_file);
        }
        catch (LinuxException e)
        {
            // What is lost is not known; the kernel tells it once.
            OnFailure(e.Errno, lost: 0);
        }
    }

    public void Dispose()
    {
        if (_options.Sync != LogSync.Never)
            Sync();
        _file.Dispose();
    }

    private int Admit(ReadOnlySpan<byte> entries)
    {
        long now = Environment.TickCount64;
        int admitted = _rate!.Admit(entries, now);
        if (admitted == entries.Length)
            return admitted;
        RateLimitedBytes += entries.Length - admitted;
        if (now - _rateNoticeAt >= RateNoticeMilliseconds)
        {
            _rateNoticeAt = now;
            _observer?.OnTrouble(LogTroubleKind.RateLimited, Errno.None, RateLimitedBytes);
        }

        return admitted;
    }

    /// <summary>How much goes into the present file: 0 when it has entries and no room for another.</summary>
    private int Fitting(ReadOnlySpan<byte> entries)
    {
        if (_options.MaxSize == 0)
            return entries.Length;
        int fitting = CriLogFormat.WholeEntries(entries, _options.MaxSize - Size);
        // An entry longer than a file may be gets one of its own.
        return fitting > 0 || Size > 0 ? fitting : entries.IndexOf((byte)'\n') + 1;
    }

    /// <summary>The file has reached its greatest size: another takes its place and its name.</summary>
    private void StartOver()
    {
        try
        {
            _location.Unlink();
            Reopen();
        }
        catch (Exception e) when (e is MonitorException or LinuxException)
        {
            // The old one goes on, longer than it should be, rather than losing what comes. Tried again after as much again.
            Size = 0;
        }
    }

    private void WriteFitting(ReadOnlySpan<byte> entries)
    {
        if (_torn && !Append("\n"u8))
        {
            LostBytes += entries.Length;
            return;
        }

        _torn = false;
        Append(entries);
    }

    // A disk that fills up may take a part: that entry is ended by a newline before the next, so that only it is damaged.
    private bool Append(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> rest = bytes;
        while (!rest.IsEmpty)
        {
            int written = _file.TryWrite(rest, out Errno error);
            if (written < 0)
            {
                _torn |= rest.Length < bytes.Length && bytes[^(rest.Length + 1)] != '\n';
                OnFailure(error, rest.Length);
                return false;
            }

            Size += written;
            Dirty = true;
            rest = rest[written..];
        }

        Failure = Errno.None;
        if (_inOutage)
            OnSuccess();
        return true;
    }

    private void OnFailure(Errno error, int lost)
    {
        Failure = error;
        LostBytes += lost;
        _failedAt = Environment.TickCount64;
        if (_inOutage)
            return;
        _inOutage = true;
        _observer?.OnTrouble(LogTroubleKind.WriteFailed, error, LostBytes);
    }

    private void OnSuccess()
    {
        if (Environment.TickCount64 - _failedAt < OutageMilliseconds)
            return;
        _inOutage = false;
        _observer?.OnTrouble(LogTroubleKind.Recovered, Errno.None, LostBytes);
    }
}
