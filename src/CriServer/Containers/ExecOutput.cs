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

    [ThreadStatic]
    private static byte[]? s_buffer;

    private readonly Lock _gate = new();
    private readonly int _limit;
    private readonly FileDescriptor _pipe;
    private readonly Reactor.Registration _registration;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
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
            _registration = Reactor.Shared.Watch(pipe, Readiness.Readable, _ => OnReadable());
    }

    /// <summary>Completes when every writer has closed its end.</summary>
    public Task Ended => _ended.Task;

    /// <summary>More came than was kept.</summary>
    public bool Truncated { get; private set; }

    /// <summary>What came so far.</summary>
    public byte[] Content()
    {
        lock (_gate)
            return _content.ToArray();
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

    private void OnReadable()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            byte[] buffer = s_buffer ??= new byte[ReadSize];
            int read = _pipe.Read(buffer);
            if (read > 0)
                Keep(buffer.AsSpan(0, read));
            if (read != 0)
                return;
        }

        Dispose();
        _ended.TrySetResult();
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
