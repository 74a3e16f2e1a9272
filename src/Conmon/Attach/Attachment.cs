using CriRuntime.Conmon.Connections;
using CriRuntime.Conmon.Logs;
using CriRuntime.Conmon.Protocol;

namespace CriRuntime.Conmon.Attach;

/// <summary>One client's view of a container: over when every part of it is, or at once when it cannot keep up.</summary>
internal sealed class Attachment(long id, Connection owner)
{
    private AttachedOutput? _stdout;
    private AttachedOutput? _stderr;
    private AttachedInput? _stdin;
    private int _parts;
    private bool _ending;
    private AttachmentEnd? _end;

    internal long Id => id;

    /// <summary>Called once, before the client is told.</summary>
    internal Action<Attachment>? Over { get; set; }

    internal bool Dropped => _end is { Dropped: true };

    /// <summary>Call once, before anything else; parts report their ends to <see cref="PartEnded"/>.</summary>
    /// <exception cref="Linux.LinuxException">A descriptor is no pipe. <see cref="EndNow"/> is to follow.</exception>
    internal void Begin(AttachedInput? stdin, AttachedOutput? stdout, AttachedOutput? stderr)
    {
        _stdin = stdin;
        _stdout = stdout;
        _stderr = stderr;
        _parts = (stdin is null ? 0 : 1) + (stdout is null ? 0 : 1) + (stderr is null ? 0 : 1);
        stdin?.Begin();
        stdout?.Begin();
        stderr?.Begin();
    }

    internal void Send(LogStream stream, ReadOnlySpan<byte> bytes)
    {
        AttachedOutput? output = stream == LogStream.Stdout ? _stdout : _stderr;
        if (output is null || output.TrySend(bytes))
            return;
        string name = stream == LogStream.Stdout ? "stdout" : "stderr";
        EndNow(new AttachmentEnd(id, Dropped: true, $"its reader does not keep up: {AttachedOutput.MaxPending >> 20} MiB of {name}, or 64 MiB of all readers' output, wait to be read"));
    }

    /// <summary>The container has ended: readers get what waits for them, then their pipes end.</summary>
    internal void Finish()
    {
        _end ??= new AttachmentEnd(id, Dropped: false, "the container has ended");
        _stdin?.End();
        _stdout?.Finish();
        _stderr?.Finish();
    }

    /// <summary>Closes everything.</summary>
    internal void EndNow(AttachmentEnd end)
    {
        if (_ending)
            return;
        _ending = true;
        _end = end;
        _stdin?.End();
        _stdout?.End();
        _stderr?.End();
    }

    internal void PartEnded()
    {
        if (--_parts > 0)
            return;
        Over?.Invoke(this);
        owner.Send(MessageType.AttachmentEnded, MessageFlags.Event, requestId: 0, _end ?? new AttachmentEnd(id, Dropped: false, "the client has closed its pipes"));
    }
}
