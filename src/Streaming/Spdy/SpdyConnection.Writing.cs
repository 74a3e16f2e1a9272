using System.Runtime.CompilerServices;
using CriRuntime.Streaming.Http;

namespace CriRuntime.Streaming.Spdy;

internal sealed partial class SpdyConnection
{
    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <summary>Writes a DATA frame, after the control frames that wait.</summary>
    /// <exception cref="StreamResetException">The stream or the connection is gone.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    internal async ValueTask WriteDataAsync(SpdyStream stream, ReadOnlyMemory<byte> frame, CancellationToken token)
    {
        await _writing.WaitAsync(token);
        try
        {
            stream.ThrowIfUnwritable();
            await WritePendingAsync();
            await WriteAsync(frame);
        }
        catch (Exception e) when (e is not StreamResetException && TransportFailure.Is(e))
        {
            Fail(e);
            throw new StreamResetException("The client's connection ended.", e);
        }
        finally
        {
            _writing.Release();
        }

        Kick();
    }

    /// <summary>Has the waiting control frames written, by this caller or by whoever is writing.</summary>
    internal void Kick()
    {
        if (!_control.IsEmpty && _writing.Wait(0))
            _ = FlushAndReleaseAsync();
    }

    internal void QueueWindowUpdate(uint streamId, int credit) =>
        Queue(static (control, state) => control.WindowUpdate(state.streamId, state.credit), (streamId, credit));

    private void Queue<T>(Action<ControlQueue, T> add, T state)
    {
        try
        {
            add(_control, state);
        }
        catch (SpdyProtocolException e)
        {
            Fail(e);
        }
    }

    private async Task FlushAsync()
    {
        await _writing.WaitAsync();
        await FlushAndReleaseAsync();
    }

    private async Task FlushAndReleaseAsync()
    {
        do
        {
            try
            {
                await WritePendingAsync();
            }
            catch (Exception e) when (TransportFailure.Is(e))
            {
                Fail(e);
                return;
            }
            finally
            {
                _writing.Release();
            }
        }
        while (!_control.IsEmpty && _writing.Wait(0));
    }

    private ValueTask WritePendingAsync() => _control.IsEmpty ? default : WriteAsync(_control.Take());

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        _watch.WriteStarts();
        await _transport.Stream.WriteAsync(bytes);
        _watch.WriteEnds();
    }
}
