using System.Net;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Registry;

/// <summary>The validated registry settings: which endpoints serve a reference, and how a host is spoken to.</summary>
internal sealed class RegistryHosts
{
    private const string HubEndpoint = "registry-1.docker.io";

    private static readonly RegistryHostOptions Defaults = new();

    private readonly Dictionary<string, RegistryHostOptions> _hosts = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="ImageException">InvalidArgument, naming the host and the setting.</exception>
    public RegistryHosts(RegistryOptions options)
    {
        foreach ((string host, RegistryHostOptions settings) in options.Registries)
            _hosts[CheckedHost(host, settings)] = settings;
        foreach ((string host, RegistryHostOptions settings) in _hosts)
        {
            foreach (string mirror in settings.Mirrors ?? [])
                MirrorRoot(host, mirror);
        }
    }

    /// <summary>The name that credentials and settings use for a host: Docker Hub has three.</summary>
    public static string Canonical(string host) =>
        host.ToLowerInvariant() is "index.docker.io" or HubEndpoint ? Reference.DefaultDomain : host;

    /// <summary>The settings for a host (with port); the defaults when it has none.</summary>
    public RegistryHostOptions For(string host) => _hosts.GetValueOrDefault(Canonical(host), Defaults);

    /// <summary>The mirrors in their order, then the registry itself unless only mirrors may be asked.</summary>
    public IReadOnlyList<RegistryEndpoint> EndpointsOf(Reference image)
    {
        RegistryHostOptions source = For(image.Domain).Mirrors is null ? For(RegistryOptions.AllRegistries) : For(image.Domain);
        IReadOnlyList<string> mirrors = source.Mirrors ?? [];
        List<RegistryEndpoint> endpoints = new(mirrors.Count + 1);
        foreach (string mirror in mirrors)
            endpoints.Add(new RegistryEndpoint(MirrorRoot(image.Domain, mirror), IsMirror: true));
        if (source.MirrorsOnly && mirrors.Count > 0)
            return endpoints;
        string host = image.Domain == Reference.DefaultDomain ? HubEndpoint : image.Domain;
        string scheme = For(image.Domain).PlainHttp ? Uri.UriSchemeHttp : Uri.UriSchemeHttps;
        endpoints.Add(new RegistryEndpoint(new Uri($"{scheme}://{host}/v2/"), IsMirror: false));
        return endpoints;
    }

    private static string CheckedHost(string host, RegistryHostOptions settings)
    {
        if (host == RegistryOptions.AllRegistries)
        {
            if (settings != new RegistryHostOptions { Mirrors = settings.Mirrors, MirrorsOnly = settings.MirrorsOnly })
                throw Invalid(host, "may only have mirrors: TLS and plain-HTTP settings belong to one host");
            return host;
        }
        if (!DomainGrammar.IsDomain(host))
            throw Invalid(host, "is not a host or host:port");
        if (settings is { PlainHttp: true, SkipVerify: true })
            throw Invalid(host, "has both plainHttp and skipVerify");
        if (settings is { ClientKeyFile: not null, ClientCertificateFile: null })
            throw Invalid(host, "has a client key without a client certificate");
        return Canonical(host);
    }

    private Uri MirrorRoot(string registry, string mirror)
    {
        if (!Uri.TryCreate(mirror, UriKind.Absolute, out Uri? uri)
            || uri.Scheme is not ("http" or "https") || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            throw Invalid(registry, $"has a mirror that is not a plain http(s) URL: {RedactedUri.Of(mirror)}");
        if (uri.UserInfo.Length > 0)
            throw Invalid(registry, $"has a mirror with credentials in its URL: {RedactedUri.Of(mirror)}");
        if (uri.Scheme == Uri.UriSchemeHttp && !IsLoopback(uri) && !For(uri.Authority).PlainHttp)
            throw Invalid(registry, $"has a mirror by plain HTTP: {RedactedUri.Of(mirror)} needs plainHttp for {uri.Authority}");
        string root = uri.AbsoluteUri.TrimEnd('/');
        return new Uri(root.EndsWith("/v2", StringComparison.Ordinal) ? root + "/" : root + "/v2/");
    }

    private static bool IsLoopback(Uri uri) =>
        uri.IdnHost == "localhost" || (IPAddress.TryParse(uri.DnsSafeHost, out IPAddress? ip) && IPAddress.IsLoopback(ip));

    private static ImageException Invalid(string host, string problem) =>
        new(ImageErrorKind.InvalidArgument, $"registries: {Quoted.Name(host)} {problem}");
}
