using System.Net;

namespace CriRuntime.Cni;

/// <summary>What ADD gave the pod (CNI spec section 5, "Success").</summary>
public sealed record CniResult
{
    /// <summary>The network that answered.</summary>
    public required string Network { get; init; }

    public required IReadOnlyList<CniInterface> Interfaces { get; init; }

    /// <summary>All addresses, in the plugins' order.</summary>
    public required IReadOnlyList<CniAddress> Ips { get; init; }

    public required IReadOnlyList<CniRoute> Routes { get; init; }

    public required CniDns Dns { get; init; }

    /// <summary>The result as the last plugin printed it, JSON.</summary>
    public required string Json { get; init; }

    /// <summary>
    /// The addresses inside the pod, the CRI's primary one first: those that name no interface, or one in a sandbox.
    /// Empty where the network gives no addresses.
    /// </summary>
    public IReadOnlyList<IPAddress> PodIps =>
        [.. Ips.Where(ip => ip.Interface is not { } index || Interfaces[index].Sandbox.Length > 0).Select(ip => ip.Address)];
}

/// <summary>An interface that a plugin made, on the host (empty <paramref name="Sandbox"/>) or in the pod.</summary>
/// <param name="Mac">Hardware address, empty where it has none.</param>
/// <param name="Sandbox">Path of the network namespace, empty for the host's.</param>
/// <param name="Mtu">0 where unknown.</param>
public sealed record CniInterface(string Name, string Mac, string Sandbox, int Mtu);

/// <summary>An address with its prefix length.</summary>
/// <param name="Gateway">Null where there is none.</param>
/// <param name="Interface">Index into <see cref="CniResult.Interfaces"/>, null where not said.</param>
public sealed record CniAddress(IPAddress Address, int PrefixLength, IPAddress? Gateway, int? Interface);

/// <summary>A route in the pod.</summary>
/// <param name="Destination">CIDR.</param>
/// <param name="Gateway">Null for the default gateway of the address family.</param>
public sealed record CniRoute(string Destination, IPAddress? Gateway);

/// <summary>Resolver settings that the network suggests.</summary>
public sealed record CniDns(IReadOnlyList<string> Nameservers, string Domain, IReadOnlyList<string> Search, IReadOnlyList<string> Options);
