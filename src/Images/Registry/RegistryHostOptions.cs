namespace CriRuntime.Images.Registry;

/// <summary>How one registry host is reached.</summary>
public sealed record RegistryHostOptions
{
    /// <summary>
    /// Base URLs tried in this order before the registry itself, with the same repository path, such as
    /// <c>https://mirror.local</c>. Null: the mirrors for all registries ("*"); empty: none. <c>http://</c> only for
    /// loopback addresses and hosts that are <see cref="PlainHttp"/> themselves.
    /// </summary>
    public IReadOnlyList<string>? Mirrors { get; init; }

    /// <summary>Never ask the registry itself: for nodes without a way out. Without mirrors it means nothing.</summary>
    public bool MirrorsOnly { get; init; }

    /// <summary>Speak HTTP without TLS to this host.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>Accept any TLS certificate of this host.</summary>
    public bool SkipVerify { get; init; }

    /// <summary>PEM file of certificate authorities that this host is verified against, besides the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>PEM file of a client certificate (with its chain).</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>PEM file of the client certificate's unencrypted key; null when it is in the certificate's file.</summary>
    public string? ClientKeyFile { get; init; }
}
