using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using CriRuntime.Images.References;
using CriRuntime.Images.Registry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CriRuntime.Images.Tests.Registry;

/// <summary>A registry on loopback that serves what it is given, notes every request, and misbehaves when told to.</summary>
internal sealed class FakeRegistry : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeRegistry(WebApplication app) => _app = app;

    /// <summary>Host and port, as a reference or a mirror names it.</summary>
    public string Host { get; private set; } = "";

    /// <summary>By <c>repository/tag-or-digest</c>.</summary>
    public ConcurrentDictionary<string, (string? ContentType, byte[] Body)> Manifests { get; } = new();

    /// <summary>By digest, of every repository.</summary>
    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    /// <summary>Sees each request first; true when it has answered.</summary>
    public Func<HttpContext, Task<bool>>? Intercept { get; set; }

    public static async Task<FakeRegistry> StartAsync(X509Certificate2? certificate = null, bool wantsClientCertificate = false)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
                if (certificate is not null)
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificate = certificate;
                        https.ClientCertificateMode = wantsClientCertificate
                            ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.NoCertificate;
                        https.AllowAnyClientCertificate();
                    });
            });
        });
        WebApplication app = builder.Build();
        FakeRegistry registry = new(app);
        app.Run(registry.ServeAsync);
        await app.StartAsync();
        IServerAddressesFeature addresses = app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>()
            .Features.Get<IServerAddressesFeature>()!;
        registry.Host = new Uri(addresses.Addresses.First()).Authority;
        return registry;
    }

    /// <summary>Options with short delays that reach this registry by plain HTTP.</summary>
    public RegistryOptions PlainOptions() => Quick(new Dictionary<string, RegistryHostOptions>
    {
        [Host] = new RegistryHostOptions { PlainHttp = true },
    });

    public static RegistryOptions Quick(Dictionary<string, RegistryHostOptions> hosts) => new()
    {
        Registries = hosts,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        ResponseTimeout = TimeSpan.FromSeconds(10),
        StallTimeout = TimeSpan.FromSeconds(2),
        RetryDelay = TimeSpan.FromMilliseconds(10),
        MaxRetryDelay = TimeSpan.FromSeconds(2),
        MaxAttempts = 3,
    };

    public Reference Image(string rest) => Reference.Parse($"{Host}/{rest}");

    public void Add(TestImage image, string repository = "team/app", string tag = "1")
    {
        Manifests[$"{repository}/{tag}"] = (image.ManifestType, image.Manifest);
        Manifests[$"{repository}/{Digest.Sha256(image.Manifest)}"] = (image.ManifestType, image.Manifest);
        foreach (byte[] blob in image.Blobs)
            Blobs[Digest.Sha256(blob).ToString()] = blob;
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext http)
    {
        Requests.Enqueue(new SeenRequest(
            http.Request.Method, http.Request.Path, http.Request.QueryString.Value ?? "",
            http.Request.Headers.Authorization.ToString(), http.Request.Headers.Range.ToString(),
            http.Request.Headers.Accept.ToString(), http.Request.Protocol));
        if (Intercept is not null && await Intercept(http))
            return;
        string path = http.Request.Path.Value!;
        if (path.StartsWith("/v2/", StringComparison.Ordinal) && path.Contains("/manifests/", StringComparison.Ordinal))
            await ServeManifestAsync(http, path[4..].Replace("/manifests/", "/", StringComparison.Ordinal));
        else if (path.StartsWith("/v2/", StringComparison.Ordinal) && path.Contains("/blobs/", StringComparison.Ordinal))
            await ServeBlobAsync(http, path[(path.LastIndexOf('/') + 1)..]);
        else
            http.Response.StatusCode = 404;
    }

    private async Task ServeManifestAsync(HttpContext http, string key)
    {
        if (!Manifests.TryGetValue(key, out (string? ContentType, byte[] Body) manifest))
        {
            await FailAsync(http, 404, "MANIFEST_UNKNOWN", "manifest unknown");
            return;
        }
        http.Response.ContentType = manifest.ContentType;
        http.Response.ContentLength = manifest.Body.Length;
        if (!http.Response.Headers.ContainsKey("Docker-Content-Digest"))
            http.Response.Headers["Docker-Content-Digest"] = Digest.Sha256(manifest.Body).ToString();
        await http.Response.Body.WriteAsync(manifest.Body);
    }

    private async Task ServeBlobAsync(HttpContext http, string digest)
    {
        if (!Blobs.TryGetValue(digest, out byte[]? blob))
        {
            await FailAsync(http, 404, "BLOB_UNKNOWN", "blob unknown to registry");
            return;
        }
        await SendRangeAsync(http, blob);
    }

    /// <summary>The blob, or the part that the Range header asks for.</summary>
    public static async Task SendRangeAsync(HttpContext http, byte[] blob)
    {
        int from = 0;
        if (http.Request.GetTypedHeaders().Range?.Ranges.First().From is { } start)
        {
            from = (int)start;
            http.Response.StatusCode = 206;
            http.Response.Headers.ContentRange = $"bytes {from}-{blob.Length - 1}/{blob.Length}";
        }
        http.Response.ContentLength = blob.Length - from;
        await http.Response.Body.WriteAsync(blob.AsMemory(from));
    }

    public static Task FailAsync(HttpContext http, int status, string code, string message)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync($$"""{"errors":[{"code":"{{code}}","message":"{{message}}"}]}""");
    }
}

/// <summary>What one request to a <see cref="FakeRegistry"/> carried.</summary>
internal sealed record SeenRequest(
    string Method, string Path, string Query, string Authorization, string Range, string Accept, string Protocol);
