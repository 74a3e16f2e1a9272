using CriRuntime.Linux;

namespace CriRuntime.Conmon.Logs;

/// <summary>
/// A container's log file. A write that fails never holds the container up: what could not be written is counted and
/// dropped, and the next write tries again.
/// </summary>
internal sealed class CriLogFile : IDisposable
{
    private readonly LogLocation _location;
    private FileDescriptor _file;
    private bool _torn;

    /// <exception cref="Protocol.MonitorException">The file cannot be opened.</exception>
    internal CriLogFile(LogLocation location)
    {
        _location = location;
        _file = location.Open();
    }

    /// <summary>Bytes of entries that were dropped because writing failed.</summary>
    internal long LostBytes { get; private set; }

    /// <summary>Why the last write failed; None after one that succeeded.</summary>
    internal Errno Failure { get; private set; }

    internal string Path => _location.FullPath;

    /// <summary>Appends whole entries.</summary>
    internal void Write(ReadOnlySpan<byte> entries)
    {
        if (_torn && !Append("\n"u8))
        {
            LostBytes += entries.Length;
            return;
        }

        _torn = false;
        Append(entries);
    }

    /// <summary>Goes on in a new file at the same path. When that cannot be opened, the old one stays in use.</summary>
    /// <exception cref="Protocol.MonitorException">See <see cref="LogLocation.Open"/>.</exception>
    internal void Reopen()
    {
        FileDescriptor fresh = _location.Open();
        _file.Dispose();
        _file = fresh;
        // A torn entry stays behind in the old file.
        _torn = false;
    }

    public void Dispose() => _file.Dispose();

    // A disk that fills up may take a part: that entry is ended by a newline before the next, so that only it is damaged.
    private bool Append(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> rest = bytes;
        while (!rest.IsEmpty)
        {
            int written = _file.TryWrite(rest, out Errno error);
            if (written < 0)
            {
                Failure = error;
                LostBytes += rest.Length;
                _torn |= rest.Length < bytes.Length && bytes[^(rest.Length + 1)] != '\n';
                return false;
            }

            rest = rest[written..];
        }

        Failure = Errno.None;
        return true;
    }
}
