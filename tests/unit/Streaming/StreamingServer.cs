using System.Net;
using System.Net.Sockets;
using CriRuntime.Streaming.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CriRuntime.Streaming.Tests;

/// <summary>Kestrel in this process, on a port of loopback that the kernel chooses, serving one endpoint at every path.</summary>
internal sealed class StreamingServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _active;

    private StreamingServer(WebApplication app) => _app = app;

    internal IPEndPoint Address { get; private set; } = null!;

    /// <summary>Requests that have not ended.</summary>
    internal int Active => Volatile.Read(ref _active);

    internal static Task<StreamingServer> ForCommandAsync(RemoteCommandOptions options, Func<RemoteCommandStreams, Task<RemoteCommandOutcome>> run, StreamingOptions? streaming = null) =>
        StartAsync(context => StreamingEndpoints.ServeRemoteCommandAsync(context, options, run, streaming ?? new StreamingOptions()));

    internal static Task<StreamingServer> ForPortsAsync(Func<int, CancellationToken, Task<Socket>> connect, StreamingOptions? streaming = null, params int[] ports) =>
        StartAsync(context => StreamingEndpoints.ServePortForwardAsync(context, ports, connect, streaming ?? new StreamingOptions()));

    internal static async Task<StreamingServer> StartAsync(RequestDelegate serve, bool ownTransport = true)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        if (ownTransport)
            builder.Services.AddStreamingTransport();
        WebApplication app = builder.Build();
        StreamingServer server = new(app);
        app.Run(async context =>
        {
            Interlocked.Increment(ref server._active);
            try
            {
                await serve(context);
            }
            finally
            {
                Interlocked.Decrement(ref server._active);
            }
        });
        await app.StartAsync();
        string url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        server.Address = new IPEndPoint(IPAddress.Loopback, new Uri(url).Port);
        return server;
    }

    /// <summary>Waits until no request is under way: what a client left must end by itself.</summary>
    internal async Task IdleAsync()
    {
        for (int i = 0; Active > 0; i++)
        {
            Assert.True(i < 500, $"{Active} requests did not end.");
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
