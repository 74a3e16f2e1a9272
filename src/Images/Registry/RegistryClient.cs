using CriRuntime.Images.References;
using CriRuntime.Images.Registry.Http;

namespace CriRuntime.Images.Registry;

/// <summary>
/// Pulls from registries that speak the OCI distribution specification 1.1 (and Docker's registry v2). One per
/// process: it pools connections. Safe for concurrent use.
/// </summary>
public sealed class RegistryClient : IDisposable
{
    private readonly RegistryHosts _hosts;
    private readonly RegistryTransports _transports;
    private readonly RegistryOptions _options;
    private readonly IRegistryObserver _observer;

    /// <exception cref="ImageException">InvalidArgument: a setting that cannot be, naming the host and the setting.</exception>
    public RegistryClient(RegistryOptions options, IRegistryObserver? observer = null)
    {
        _options = options;
        _hosts = new RegistryHosts(options);
        _transports = new RegistryTransports(_hosts, options);
        _observer = observer ?? SilentObserver.Instance;
    }

    /// <summary>
    /// The repository of that image, for one pull: it keeps the pull's bearer token and remembers which mirrors
    /// failed. Nothing is sent yet.
    /// </summary>
    public RegistryRepository Open(Reference image, RegistryCredentials? credentials) =>
        new(image, credentials, _hosts.EndpointsOf(image), _transports, _options, _observer);

    public void Dispose() => _transports.Dispose();
}
