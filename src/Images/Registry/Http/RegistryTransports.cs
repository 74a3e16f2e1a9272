using System.Collections.Concurrent;

namespace CriRuntime.Images.Registry.Http;

/// <summary>
/// The connection pools: one shared by all hosts, and one of its own for each host with TLS settings, so that an
/// exception made for one host never holds for another, not even by a redirect.
/// </summary>
internal sealed class RegistryTransports(RegistryHosts hosts, RegistryOptions options) : IDisposable
{
    private readonly HttpMessageInvoker _shared = Create(new RegistryHostOptions(), options);
    private readonly ConcurrentDictionary<string, Lazy<HttpMessageInvoker>> _special = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="ImageException">InvalidArgument: a certificate file of the host cannot be read.</exception>
    public HttpMessageInvoker For(Uri target)
    {
        RegistryHostOptions settings = hosts.For(target.Authority);
        bool special = settings.SkipVerify || settings.CaFile is not null || settings.ClientCertificateFile is not null;
        if (!special)
            return _shared;
        Lazy<HttpMessageInvoker> invoker = _special.GetOrAdd(
            target.Authority,
            static (_, from) => new Lazy<HttpMessageInvoker>(
                () => Create(from.settings, from.options), LazyThreadSafetyMode.PublicationOnly),
            (settings, options));
        return invoker.Value;
    }

    public void Dispose()
    {
        _shared.Dispose();
        foreach (Lazy<HttpMessageInvoker> special in _special.Values)
        {
            if (special.IsValueCreated)
                special.Value.Dispose();
        }
    }

    private static HttpMessageInvoker Create(RegistryHostOptions settings, RegistryOptions options) =>
        new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // Registries learn nothing of this node's traces.
            ActivityHeadersPropagator = null,
            ConnectTimeout = options.ConnectTimeout,
            MaxConnectionsPerServer = options.MaxConnectionsPerHost,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = 1 << 20,
            MaxResponseDrainSize = 64 << 10,
            MaxResponseHeadersLength = 64,
            SslOptions = HostTls.For(settings),
        });
}
