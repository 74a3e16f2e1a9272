using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using CriRuntime.Tests.Tracing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace CriRuntime.CriServer.Tests.Observability.Tracing;

/// <summary>A collector of traces that answers as it is told: OTLP over HTTP, and over gRPC where it speaks HTTP/2.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<ReceivedSpan> _spans = [];
    private readonly WebApplication _server;
    private int _requests;

    private Collector(HttpProtocols protocols, X509Certificate2? certificate, bool wantsClient)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = protocols;
            if (certificate is null)
                return;
            listen.UseHttps(https =>
            {
                https.ServerCertificate = certificate;
                https.ClientCertificateMode = wantsClient ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.NoCertificate;
                https.AllowAnyClientCertificate();
            });
        }));
        if (certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        _server = builder.Build();
        _server.Run(TakeAsync);
    }

    public Uri Address { get; private set; } = null!;

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>What came with each request: its headers, and as <c>client</c> the subject of the client's certificate.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> Headers { get; } = new();

    /// <summary>The status of each answer, by the number of the request, from 1.</summary>
    public Func<int, Task<int>> Answer { get; set; } = _ => Task.FromResult(200);

    /// <summary>Writes the whole answer to a request that was read, and says whether its spans were taken.</summary>
    public Func<int, HttpContext, Task<bool>>? Respond { get; set; }

    public IReadOnlyList<ReceivedSpan> Spans
    {
        get
        {
            lock (_gate)
                return [.. _spans];
        }
    }

    public static async Task<Collector> StartAsync(HttpProtocols protocols = HttpProtocols.Http1, X509Certificate2? certificate = null, bool wantsClient = false)
    {
        Collector collector = new(protocols, certificate, wantsClient);
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
        Dictionary<string, string> headers = context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString());
        headers["client"] = context.Connection.ClientCertificate?.Subject ?? "";
        Headers.Enqueue(headers);
        int number = Interlocked.Increment(ref _requests);
        bool isGrpc = context.Request.ContentType == "application/grpc";
        bool taken = Respond is { } respond ? await respond(number, context) : isGrpc ? await GrpcAnswer.MessageAsync(context, []) : await AnswerAsync(number, context);
        if (!taken || context.Request.Path != (isGrpc ? "/opentelemetry.proto.collector.trace.v1.TraceService/Export" : "/v1/traces"))
            return;
        byte[] request = isGrpc ? GrpcAnswer.ReadFrame(body.ToArray()) : Plain(body.ToArray(), headers.GetValueOrDefault("content-encoding"));
        lock (_gate)
            _spans.AddRange(ReceivedSpan.Read(request));
    }

    private async Task<bool> AnswerAsync(int number, HttpContext context)
    {
        context.Response.StatusCode = await Answer(number);
        return context.Response.StatusCode == 200 && context.Request.ContentType == "application/x-protobuf";
    }

    internal static byte[] Plain(byte[] body, string? encoding)
    {
        if (encoding != "gzip")
            return body;
        using GZipStream gzip = new(new MemoryStream(body), CompressionMode.Decompress);
        using MemoryStream plain = new();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }
}
