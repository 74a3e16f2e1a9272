using CriRuntime.CriServer.Configuration;
using CriRuntime.Images.Registry;

namespace CriRuntime.CriServer.Images;

/// <summary>The configuration's registries as the registry client takes them.</summary>
internal static class RegistrySettings
{
    internal static RegistryOptions From(ServerConfiguration configuration) => new()
    {
        Registries = configuration.Registries.ToDictionary(entry => entry.Key, entry => HostOptions(entry.Value)),
        StallTimeout = TimeSpan.FromSeconds(configuration.Images.StallTimeoutSeconds),
    };

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
