using System.Text;
using CriRuntime.Conmon.Logs;
using CriRuntime.Conmon.Protocol;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Diagnostics;

/// <summary>The monitor's own log, <c>conmon.log</c> in the pod's directory: warnings and errors, never more than a fixed size.</summary>
internal sealed class MonitorLog
{
    private const long MaxSize = 256 * 1024;
    private const uint Permissions = 0x180; // 0600

    private readonly CriTimestamp _timestamp = new();
    private FileDescriptor? _file;
    private long _size;

    internal MonitorLogLevel Level { get; private set; } = MonitorLogLevel.Warning;

    /// <summary>Before this, messages go to stderr. After it, stderr goes to the file too: what the runtime says when it crashes is kept.</summary>
    internal void Open(DirectoryFd podDirectory, MonitorLogLevel level)
    {
        _file = podDirectory.OpenForAppending(Encoding.UTF8.GetBytes(MonitorFiles.Log), Permissions, PathResolution.NoSymlinks);
        StandardStreams.RedirectError(_file);
        Level = level;
    }

    internal void Error(string message) => Write("error", message);

    internal void Warning(string message)
    {
        if (Level >= MonitorLogLevel.Warning)
            Write("warning", message);
    }

    private void Write(string level, string message)
    {
        byte[] text = Encoding.UTF8.GetBytes($" {level}: {message.ReplaceLineEndings(" ")}\n");
        byte[] line = [.. _timestamp.Format(RealtimeClock.Nanoseconds()), .. text];
        if (_file is null)
        {
            StandardStreams.WriteError(line);
            return;
        }

        if (_size + line.Length > MaxSize)
        {
            FileWriting.SetLength(_file, 0);
            _size = 0;
        }

        _size += line.Length;
        // A full disk must not end the monitor; there is nowhere to tell it.
        _file.TryWrite(line, out _);
    }
}
