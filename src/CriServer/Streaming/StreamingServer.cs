using System.Net;
using System.Security.Cryptography.X509Certificates;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Observability;
using CriRuntime.CriServer.State;
using CriRuntime.Streaming;
using CriRuntime.Streaming.Transport;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CriRuntime.CriServer.Streaming;

/// <summary>
/// The HTTP server that clients of exec, attach and port-forward connect to, apart from the CRI socket: here only a token opens
/// anything, once, within a minute. It listens on loopback unless told otherwise.
/// </summary>
public sealed class StreamingServer : IHostedService, IAsyncDisposable
{
    /// <summary>As the kubelet's own streaming server has them.</summary>
    private static readonly TimeSpan TicketLifetime = TimeSpan.FromMinutes(1);

    private const int MaxTickets = 1000;

    private readonly StreamingSettings _settings;
    private readonly StreamTickets<StreamTicket> _tickets;
    private readonly StreamHandlers _handlers;
    private readonly StreamingOptions _options;
    private readonly WebApplication _server;
    private Uri? _base;

    public StreamingServer(RuntimeSettings settings, StreamHandlers handlers, TimeProvider time, ILoggerFactory logs)
    {
        _settings = settings.Streaming;
        _handlers = handlers;
        _tickets = new StreamTickets<StreamTicket>(TicketLifetime, MaxTickets, time);
        ILogger logger = logs.CreateLogger<StreamingServer>();
        _options = new StreamingOptions
        {
            IdleTimeout = _settings.IdleTimeout,
            Clock = time,
            Report = (message, exception) => StreamingLog.Trouble(logger, message, exception?.Message ?? ""),
        };
        _server = Build(logs);
    }

    /// <summary>Keeps a request for its client.</summary>
    /// <returns>Where the client claims it.</returns>
    /// <exception cref="CriException">ResourceExhausted when too many wait; Unavailable before the server listens.</exception>
    internal Uri Issue(string kind, StreamTicket ticket)
    {
        Uri server = _base ?? throw new CriException(CriErrorKind.Unavailable, "the streaming server is not listening yet");
        try
        {
            return new Uri(server, $"/{kind}/{_tickets.Issue(ticket)}");
        }
        catch (StreamingException e)
        {
            throw new CriException(CriErrorKind.ResourceExhausted, e.Message, e);
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _server.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new IOException(
                $"the streaming server can't listen on {_settings.Address} port {_settings.Port}: {e.Message}; set streaming.address and streaming.port", e);
        }

        string address = _server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        UriBuilder reachable = new(address);
        // A client on this node reaches a server on all addresses by loopback.
        if (IPAddress.TryParse(reachable.Host.Trim('[', ']'), out IPAddress? ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)))
            reachable.Host = ip.Equals(IPAddress.Any) ? "127.0.0.1" : "[::1]";
        _base = reachable.Uri;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private WebApplication Build(ILoggerFactory logs)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "criruntime" });
        builder.Services.AddSingleton(logs);
        builder.Services.AddStreamingTransport();
        builder.Services.AddSingleton<IHostLifetime, SubordinateLifetime>();
        if (_settings.Certificate.Length > 0)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Parse(_settings.Address), _settings.Port, Configure);
        });
        WebApplication server = builder.Build();
        server.Run(ServeAsync);
        return server;
    }

    private void Configure(ListenOptions listen)
    {
        // SPDY and WebSocket are upgrades of HTTP/1.1.
        listen.Protocols = HttpProtocols.Http1;
        if (_settings.Certificate.Length > 0)
            listen.UseHttps(X509Certificate2.CreateFromPemFile(_settings.Certificate, _settings.Key.Length > 0 ? _settings.Key : null));
    }

    private Task ServeAsync(HttpContext context)
    {
        string[] path = (context.Request.Path.Value ?? "").Split('/');
        if (path is not ["", _, { Length: > 0 } token] || !_tickets.TryRedeem(token, out StreamTicket? ticket))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return context.Response.WriteAsync("this URL is unknown, was used before, or has expired; ask for a new one\n", context.RequestAborted);
        }

        return _handlers.ServeAsync(context, ticket, _options);
    }
}

/// <summary>Where the streaming server listens. Immutable.</summary>
public sealed record StreamingSettings
{
    /// <summary>An IP address of this node.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>0: any free one.</summary>
    public int Port { get; init; }

    /// <summary>PEM file of the server's certificate and chain; empty: plain HTTP.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>PEM file of its key, where that is not in the certificate's file.</summary>
    public string Key { get; init; } = "";

    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromHours(4);
}

internal static partial class StreamingLog
{
    [LoggerMessage(LogLevel.Warning, "streaming: {What} {Cause}")]
    public static partial void Trouble(ILogger logger, string what, string cause);
}
