using CriRuntime.Conmon.Logs;
using CriRuntime.Conmon.Loop;
using CriRuntime.Linux;

namespace CriRuntime.Conmon.Stdio;

/// <summary>One output of a container (a pipe, or a terminal's master side), copied to its log until its end.</summary>
internal sealed class OutputStream : EventSource, IDisposable
{
    private readonly EventLoop _loop;
    private readonly CopyBuffers _buffers;
    private readonly LogStream _stream;
    private readonly CriLogFile? _log;
    private byte[]? _carry;
    private int _carried;

    /// <param name="descriptor">The reading end, which becomes this object's and non-blocking.</param>
    /// <param name="log">Null: the output is read and dropped.</param>
    internal OutputStream(EventLoop loop, CopyBuffers buffers, FileDescriptor descriptor, LogStream stream, CriLogFile? log)
        : base(descriptor)
    {
        _loop = loop;
        _buffers = buffers;
        _stream = stream;
        _log = log;
        descriptor.SetNonBlocking();
        loop.Add(this, Readiness.Readable);
    }

    /// <summary>Called once, when nobody can write to it any more.</summary>
    internal Action? OnEnd { get; set; }

    /// <summary>True once everything was read and the descriptor is closed.</summary>
    internal bool Ended { get; private set; }

    internal override void OnReady(Readiness readiness) => CopyBatch();

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
        int read = TryRead(input.Slice(_carried, CopyBuffers.ReadSize));
        if (read < 0)
            return read;
        if (read == 0)
        {
            End();
            return 0;
        }

        if (_log is not null)
        {
            if (_carry is not null)
                _carry.AsSpan(0, _carried).CopyTo(input);
            Encode(input[..(_carried + read)]);
        }

        return read;
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
            int length = CriLogFormat.EncodeLast(_carry.AsSpan(0, _carried), prefix, _buffers.Output);
            _log!.Write(_buffers.Output[..length]);
        }

        Carry([]);
        _loop.Remove(this);
        Descriptor.Dispose();
        OnEnd?.Invoke();
    }
}
