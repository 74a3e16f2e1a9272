using System.Net;
using CriRuntime.Tests.Tracing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace CriRuntime.CriServer.Tests.Observability.Tracing;

/// <summary>A collector of traces that answers as it is told.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<ReceivedSpan> _spans = [];
    private readonly WebApplication _server;
    private int _requests;

    private Collector()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(TakeAsync);
    }

    public Uri Address { get; private set; } = null!;

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>The status of each answer, by the number of the request, from 1.</summary>
    public Func<int, Task<int>> Answer { get; set; } = _ => Task.FromResult(200);

    public IReadOnlyList<ReceivedSpan> Spans
    {
        get
        {
            lock (_gate)
                return [.. _spans];
        }
    }

    public static async Task<Collector> StartAsync()
    {
        Collector collector = new();
        await collector._server.StartAsync();
        collector.Address = new Uri(collector._server.Urls.First());
        return collector;
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.Zero);
        await _server.StopAsync(now.Token);
        await _server.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body);
        context.Response.StatusCode = await Answer(Interlocked.Increment(ref _requests));
        if (context.Response.StatusCode != 200 || context.Request.Path != "/v1/traces" || context.Request.ContentType != "application/x-protobuf")
            return;
        lock (_gate)
            _spans.AddRange(ReceivedSpan.Read(body.ToArray()));
    }
}
