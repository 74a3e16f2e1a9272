namespace CriRuntime.CriServer.Hosting;

/// <summary>The moment from which the daemon serves.</summary>
internal static class ApplicationStart
{
    /// <summary>Waits until the sockets are open.</summary>
    /// <exception cref="OperationCanceledException">It is stopped before.</exception>
    internal static async Task StartedAsync(this IHostApplicationLifetime lifetime, CancellationToken stoppingToken)
    {
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration onStarted = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
    }
}
