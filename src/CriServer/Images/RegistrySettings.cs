using CriRuntime.CriServer.Configuration;
using CriRuntime.Images.Registry;

namespace CriRuntime.CriServer.Images;

/// <summary>The configuration's registries as the registry client takes them.</summary>
internal static class RegistrySettings
{
    internal static RegistryOptions From(ServerConfiguration configuration)
    {
        Dictionary<string, RegistryHostOptions> hosts = [];
        foreach ((string host, RegistryConfiguration registry) in configuration.Registries)
            hosts.Add(host, HostOptions(registry));
        return new RegistryOptions
        {
            Registries = hosts,
            StallTimeout = TimeSpan.FromSeconds(configuration.Images.StallTimeoutSeconds),
        };
    }

    private static RegistryHostOptions HostOptions(RegistryConfiguration registry) => new()
    {
        Mirrors = registry.Mirrors,
        MirrorsOnly = registry.MirrorsOnly ?? false,
        PlainHttp = registry.PlainHttp ?? false,
        SkipVerify = registry.SkipVerify ?? false,
        CaFile = registry.Ca,
        ClientCertificateFile = registry.ClientCertificate,
        ClientKeyFile = registry.ClientKey,
    };
}
