using System.Net;
using System.Text;
using CriRuntime.CriServer.State;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CriRuntime.CriServer.Observability;

/// <summary>GET /metrics for Prometheus, where the configuration gives it an address; otherwise nothing listens.</summary>
public sealed class MetricsServer(RuntimeSettings settings, RuntimeState state, Telemetry telemetry) : IHostedService, IAsyncDisposable
{
    private WebApplication? _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.MetricsAddress.Length == 0)
            return;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "criruntime" });
        builder.Services.AddSingleton<IHostLifetime, SubordinateLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPEndPoint.Parse(settings.MetricsAddress), listen => listen.Protocols = HttpProtocols.Http1);
        });
        _server = builder.Build();
        _server.Run(ServeAsync);
        try
        {
            await _server.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new IOException($"metrics can't be served on {settings.MetricsAddress}: {e.Message}; set metrics.address", e);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    internal string Text()
    {
        StringBuilder text = new();
        foreach (IMetric metric in (IMetric[])[.. telemetry.Metrics, .. Gauges()])
            metric.WriteTo(text);
        return text.ToString();
    }

    private IMetric[] Gauges() =>
    [
        new Gauge("criruntime_pod_sandboxes", "Pod sandboxes known.", () => state.Pods.Current.Count),
        new Gauge("criruntime_containers", "Containers known.", () => state.Containers.Current.Count),
        new Gauge("criruntime_containers_running", "Containers that run.", () => state.Containers.Current.Values.Count(c => c.Phase == Containers.ContainerPhase.Running)),
        new Gauge("process_resident_memory_bytes", "Resident memory of the daemon.", () => Environment.WorkingSet),
        new Gauge("process_open_fds", "Open file descriptors of the daemon.", () => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count()),
    ];

    private Task ServeAsync(HttpContext context)
    {
        if (context.Request.Path != "/metrics" || !HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(Text(), context.RequestAborted);
    }
}

/// <summary>The process's signals are the CRI server's to handle; servers beside it are stopped by it.</summary>
internal sealed class SubordinateLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
