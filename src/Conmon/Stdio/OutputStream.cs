using CriRuntime.Conmon.Attach;
using CriRuntime.Conmon.Logs;
using CriRuntime.Conmon.Loop;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Stdio;

/// <summary>One output of a container (a pipe, or a terminal's master side), copied to its log and to those who are attached until its end.</summary>
internal sealed class OutputStream : EventSource, IDisposable
{
    /// <summary>What is copied before others have their turn.</summary>
    private const int TurnLimit = 1024 * 1024;

    /// <summary>After a read of less than this there is hardly more yet.</summary>
    private const int WorthAnother = 2048;

    /// <summary>The kernel's own size, which costs nothing of what a user may have in pipes (pipe(7), pipe-user-pages-soft).</summary>
    private const int SmallPipe = 64 * 1024;

    /// <summary>While output pours in: fewer switches between the container and this process.</summary>
    private const int LargePipe = 1024 * 1024;

    private readonly EventLoop _loop;
    private readonly CopyBuffers _buffers;
    private readonly LogStream _stream;
    private readonly CriLogFile? _log;
    private readonly AttachmentSet? _attachments;
    private byte[]? _carry;
    private int _carried;
    private bool _large;

    /// <param name="descriptor">The reading end, which becomes this object's and non-blocking.</param>
    /// <param name="log">Null: the output is read and dropped.</param>
    /// <param name="attachments">Who else gets it.</param>
    internal OutputStream(
        EventLoop loop, CopyBuffers buffers, FileDescriptor descriptor, LogStream stream, CriLogFile? log, AttachmentSet? attachments = null)
        : base(descriptor)
    {
        _loop = loop;
        _buffers = buffers;
        _stream = stream;
        _log = log;
        _attachments = attachments;
        descriptor.SetNonBlocking();
        loop.Add(this, Readiness.Readable);
    }

    /// <summary>Called once, when nobody can write to it any more.</summary>
    internal Action? OnEnd { get; set; }

    /// <summary>Called after what a turn has copied.</summary>
    internal Action? OnCopied { get; init; }

    /// <summary>True once everything was read and the descriptor is closed.</summary>
    internal bool Ended { get; private set; }

    internal override void OnReady(Readiness readiness)
    {
        int batch = TurnLimit;
        for (int copied = 0; copied < TurnLimit && batch >= WorthAnother; copied += batch)
            batch = CopyBatch();
        OnCopied?.Invoke();
    }

    /// <summary>Copies what is there now, at most <paramref name="limit"/> bytes: someone may still write.</summary>
    internal void Drain(int limit)
    {
        while (!Ended && limit > 0)
        {
            int copied = CopyBatch();
            if (copied <= 0)
                return;
            limit -= copied;
        }
    }

    /// <summary>Logs what is carried, closes the descriptor and forgets the rest.</summary>
    public void Dispose() => End();

    /// <summary>One read and what follows from it. Returns the bytes read; 0 at the end, -1 when there is nothing now.</summary>
    private int CopyBatch()
    {
        Span<byte> input = _buffers.Input;
        int read = TryRead(input.Slice(CriLogFormat.MaxContent, CopyBuffers.ReadSize));
        if (read < 0)
            return read;
        if (read == 0)
        {
            End();
            return 0;
        }

        if (read >= SmallPipe && !_large)
            EnlargePipe();
        if (_log is not null)
        {
            if (_carry is not null)
                _carry.AsSpan(0, _carried).CopyTo(input[(CriLogFormat.MaxContent - _carried)..]);
            Encode(input[(CriLogFormat.MaxContent - _carried)..(CriLogFormat.MaxContent + read)]);
        }

        if (_attachments is { Any: true })
            _attachments.Send(_stream, input.Slice(CriLogFormat.MaxContent, read));

        return read;
    }

    /// <summary>Makes the pipe what it was at first, unless more lies in it just now.</summary>
    internal void ShrinkPipe()
    {
        _large = false;
        if (!Ended)
            Pipe.TryResize(Descriptor, SmallPipe);
    }

    // Where the user has too much in pipes already it stays as it is. Not tried again before the monitor was idle.
    private void EnlargePipe()
    {
        _large = true;
        Pipe.TryResize(Descriptor, LargePipe);
        _buffers.NoteEnlarged(this);
    }

    private int TryRead(Span<byte> buffer)
    {
        try
        {
            return Descriptor.Read(buffer);
        }
        catch (LinuxException)
        {
            // EIO: a terminal whose last user has closed it. Nothing else can be read from afterwards either.
            return 0;
        }
    }

    private void Encode(ReadOnlySpan<byte> input)
    {
        Span<byte> prefix = stackalloc byte[CriLogFormat.PrefixLength];
        CriLogFormat.WritePrefix(prefix, _buffers.Timestamp.Format(RealtimeClock.Nanoseconds()), _stream);
        Span<byte> output = _buffers.Output;
        while (true)
        {
            input = input[CriLogFormat.Encode(input, prefix, output, out int written)..];
            if (written == 0)
                break;
            _log!.Write(output[..written]);
        }

        Carry(input);
    }

    private void Carry(ReadOnlySpan<byte> rest)
    {
        if (!rest.IsEmpty)
        {
            _carry ??= _buffers.RentCarry();
            rest.CopyTo(_carry);
        }
        else if (_carry is not null)
        {
            _buffers.ReturnCarry(_carry);
            _carry = null;
        }

        _carried = rest.Length;
    }

    private void End()
    {
        if (Ended)
            return;
        Ended = true;
        if (_carried > 0)
        {
            Span<byte> prefix = stackalloc byte[CriLogFormat.PrefixLength];
            CriLogFormat.WritePrefix(prefix, _buffers.Timestamp.Format(RealtimeClock.Nanoseconds()), _stream);
            Span<byte> output = _buffers.Output;
            _log!.Write(output[..CriLogFormat.EncodeLast(_carry.AsSpan(0, _carried), prefix, output)]);
        }

        Carry([]);
        _loop.Remove(this);
        Descriptor.Dispose();
        OnEnd?.Invoke();
    }
}
