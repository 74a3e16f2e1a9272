using CriRuntime.Linux;

namespace CriRuntime.CriServer.Containers;

/// <summary>
/// Collects one output stream of a process from a pipe, up to a limit; what comes after is read and dropped, so that the process
/// is never blocked (CVE-2022-1708). Reads happen on the reactor's thread, without one of the pool's.
/// </summary>
public sealed class ExecOutput : IDisposable
{
    /// <summary>As the kubelet, containerd and cri-o have it.</summary>
    public const int Limit = 16 << 20;

    private const int ReadSize = 64 << 10;

    /// <summary>The largest pipe an ordinary user may make (pipe(7), pipe-max-size).</summary>
    private const int PipeLimit = 1 << 20;

    [ThreadStatic]
    private static byte[]? s_buffer;

    private readonly Lock _gate = new();
    private readonly int _limit;
    private readonly FileDescriptor _pipe;
    private readonly Reactor.Registration _registration;
    private readonly MemoryStream _content = new();
    private bool _closed;

    /// <param name="pipe">The reading end; this object disposes it.</param>
    /// <param name="limit">In bytes.</param>
    public ExecOutput(FileDescriptor pipe, int limit = Limit)
    {
        _pipe = pipe;
        _limit = limit;
        pipe.SetNonBlocking();
        lock (_gate)
            _registration = Reactor.Shared.Watch(pipe, Readiness.Readable, _ => ReadOnce());
    }

    /// <summary>More came than was kept.</summary>
    public bool Truncated { get; private set; }

    /// <summary>What came so far.</summary>
    public byte[] Content()
    {
        lock (_gate)
            return _content.ToArray();
    }

    /// <summary>Reads what lies in the pipe now. What an ended process wrote is in it; what comes later others write.</summary>
    public void Drain()
    {
        for (int drained = 0; drained < PipeLimit && ReadOnce() is > 0 and int read; drained += read)
        {
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
            _registration.Dispose();
            _pipe.Dispose();
        }
    }

    /// <returns>As read(2): 0 at the end, -1 when there is nothing now.</returns>
    private int ReadOnce()
    {
        lock (_gate)
        {
            if (_closed)
                return 0;
            byte[] buffer = s_buffer ??= new byte[ReadSize];
            int read = _pipe.Read(buffer);
            if (read > 0)
                Keep(buffer.AsSpan(0, read));
            else if (read == 0)
                Dispose();
            return read;
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        int room = _limit - (int)_content.Length;
        if (bytes.Length > room)
        {
            Truncated = true;
            bytes = bytes[..room];
        }

        _content.Write(bytes);
    }
}
