using System.Diagnostics;

namespace CriRuntime.Images.Registry.Blobs;

/// <summary>
/// Reads from a network stream and breaks off what stalls: no byte for the stall timeout, or fewer bytes per second
/// than the minimum over a window. Only time spent waiting for the network counts, not the consumer's.
/// </summary>
internal sealed class StallGuard(RegistryOptions options) : IDisposable
{
    private CancellationTokenSource _stalled = new();
    private TimeSpan _waited;
    private long _received;

    /// <exception cref="TimeoutException">It stalls.</exception>
    public async ValueTask<int> ReadAsync(Stream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        long began = Stopwatch.GetTimestamp();
        int read = await ReadInTimeAsync(stream, buffer, cancellationToken).ConfigureAwait(false);
        _waited += Stopwatch.GetElapsedTime(began);
        _received += read;
        if (_waited < options.ThroughputWindow)
            return read;
        if (read > 0 && _received < options.MinimumThroughput * _waited.TotalSeconds)
            throw new TimeoutException($"only {_received} bytes came in {_waited.TotalSeconds:F0} s");
        Reset();
        return read;
    }

    /// <summary>Forgets the window, for a new connection.</summary>
    public void Reset() => (_waited, _received) = (TimeSpan.Zero, 0);

    public void Dispose() => _stalled.Dispose();

    private async ValueTask<int> ReadInTimeAsync(Stream stream, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ValueTask<int> pending = stream.ReadAsync(buffer, _stalled.Token);
        if (pending.IsCompletedSuccessfully)
            return await pending.ConfigureAwait(false);
        _stalled.CancelAfter(options.StallTimeout);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static source => ((CancellationTokenSource)source!).Cancel(), _stalled);
        try
        {
            return await pending.ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"no byte came for {options.StallTimeout.TotalSeconds:F0} s", e);
        }
        finally
        {
            Rearm();
        }
    }

    private void Rearm()
    {
        if (_stalled.TryReset())
            return;
        _stalled.Dispose();
        _stalled = new CancellationTokenSource();
    }
}
