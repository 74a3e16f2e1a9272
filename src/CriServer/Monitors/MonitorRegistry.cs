using System.Collections.Concurrent;
using CriRuntime.CriServer.Errors;

namespace CriRuntime.CriServer.Monitors;

/// <summary>The monitors this daemon is connected to, by pod.</summary>
public sealed class MonitorRegistry
{
    private readonly ConcurrentDictionary<string, IMonitor> _monitors = new();

    public void Add(string podId, IMonitor monitor) => _monitors[podId] = monitor;

    /// <exception cref="CriException">Unavailable when the pod's monitor is gone.</exception>
    public IMonitor Get(string podId) => Find(podId) ?? throw new CriException(
        CriErrorKind.Unavailable, $"the monitor of pod sandbox {podId} is gone; stop and remove the pod sandbox");

    public IMonitor? Find(string podId) =>
        _monitors.TryGetValue(podId, out IMonitor? monitor) && !monitor.Exited.IsCompleted ? monitor : null;

    /// <summary>Whether this very monitor is the pod's, and was not told to shut down.</summary>
    public bool IsWatched(string podId, IMonitor monitor) =>
        _monitors.TryGetValue(podId, out IMonitor? current) && ReferenceEquals(current, monitor);

    /// <summary>From here on the monitor's end is expected. Null when the pod has none that runs.</summary>
    public IMonitor? Take(string podId) =>
        _monitors.TryRemove(podId, out IMonitor? monitor) ? monitor : null;

    /// <summary>Closes the connection and forgets it; the monitor itself goes on unless it was told to shut down.</summary>
    public async Task ForgetAsync(string podId)
    {
        if (_monitors.TryRemove(podId, out IMonitor? monitor))
            await monitor.DisposeAsync().ConfigureAwait(false);
    }
}
