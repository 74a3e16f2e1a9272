using CriRuntime.Cni.Configuration;

namespace CriRuntime.Cni.Operations;

/// <summary>
/// The last answer of STATUS, refreshed in the background when it is asked for and old: the caller never waits.
/// Until the first answer a network counts as ready, as one whose version has no STATUS does.
/// </summary>
internal sealed class StatusWatch(StatusOperation status, TimeSpan lifetime) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Answer _answer = new(null, "", 0);
    private int _refreshing;

    /// <summary>What is wrong with the network; empty when nothing is known to be.</summary>
    internal string ReasonFor(NetworkConfig network)
    {
        if (network.Version < CniVersion.WithGcAndStatus)
            return "";
        Answer answer = Volatile.Read(ref _answer);
        bool current = ReferenceEquals(answer.Network, network);
        if ((!current || Environment.TickCount64 - answer.Time > lifetime.TotalMilliseconds) && Interlocked.Exchange(ref _refreshing, 1) == 0)
            _ = Task.Run(() => RefreshAsync(network));
        return current ? answer.Reason : "";
    }

    /// <summary>Ends a refresh under way. The source has no timer, so there is nothing in it to free, and the refresh may still look at it.</summary>
    public void Dispose() => _stop.Cancel();

    private async Task RefreshAsync(NetworkConfig network)
    {
        try
        {
            string reason = "";
            try
            {
                await status.RunAsync(network, _stop.Token).ConfigureAwait(false);
            }
            catch (CniException e)
            {
                reason = e.Message;
            }

            Volatile.Write(ref _answer, new Answer(network, reason, Environment.TickCount64));
        }
        catch (OperationCanceledException)
        {
            // Stopped: nobody asks any more.
        }
        finally
        {
            Volatile.Write(ref _refreshing, 0);
        }
    }

    private sealed record Answer(NetworkConfig? Network, string Reason, long Time);
}
