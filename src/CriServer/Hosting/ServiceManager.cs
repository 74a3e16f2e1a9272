using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace CriRuntime.CriServer.Hosting;

/// <summary>
/// Tells systemd, or whoever set NOTIFY_SOCKET, that the daemon serves, that it stops, and (WATCHDOG_USEC) that it is alive: sd_notify(3).
/// Without NOTIFY_SOCKET it does nothing.
/// </summary>
internal sealed class ServiceManager(IHostApplicationLifetime lifetime, Func<string, string?> environment, ILogger<ServiceManager> logger) : BackgroundService
{
    private bool _troubled;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (Address(environment("NOTIFY_SOCKET")) is not UnixDomainSocketEndPoint address)
            return;
        await lifetime.StartedAsync(stoppingToken);
        Tell(address, "READY=1\nSTATUS=Serving the CRI");
        using CancellationTokenRegistration stopping = lifetime.ApplicationStopping.Register(() => Tell(address, "STOPPING=1\nSTATUS=Stopping; containers go on"));
        TimeSpan? watchdog = WatchdogInterval(environment, Environment.ProcessId);
        while (!stoppingToken.IsCancellationRequested)
        {
            // Half of the time that systemd waits, as sd_watchdog_enabled(3) recommends. A thread pool that is stuck misses it.
            await Task.Delay(watchdog / 2 ?? Timeout.InfiniteTimeSpan, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stoppingToken.IsCancellationRequested)
                Tell(address, "WATCHDOG=1");
        }
    }

    /// <summary>The address in NOTIFY_SOCKET: a path, or with a leading <c>@</c> a name in the abstract namespace. Null: nobody listens.</summary>
    internal static UnixDomainSocketEndPoint? Address(string? socket) => socket switch
    {
        ['/', ..] => new UnixDomainSocketEndPoint(socket),
        ['@', .. string name] => new UnixDomainSocketEndPoint("\0" + name),
        _ => null,
    };

    /// <summary>How often a sign of life is due, when one is expected of this process.</summary>
    internal static TimeSpan? WatchdogInterval(Func<string, string?> environment, int pid)
    {
        if (environment("WATCHDOG_PID") is string of && of != pid.ToString(CultureInfo.InvariantCulture))
            return null;
        return long.TryParse(environment("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;
    }

    private void Tell(UnixDomainSocketEndPoint address, string state)
    {
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = 1000 };
            socket.SendTo(Encoding.UTF8.GetBytes(state), address);
            _troubled = false;
        }
        catch (SocketException e)
        {
            // Once: the watchdog would repeat it for as long as the listener is away.
            if (!_troubled)
                Log.ServiceManagerUnreachable(logger, e.Message);
            _troubled = true;
        }
    }
}
