using System.Net.Security;
using CriRuntime.Images.Registry.Http;

namespace CriRuntime.CriServer.Observability.Tracing;

/// <summary>TLS to a collector.</summary>
internal static class CollectorTls
{
    /// <param name="authorities">PEM file of the only authorities that count; empty: the system's.</param>
    /// <param name="certificate">PEM file of a client certificate; empty: none.</param>
    /// <param name="key">PEM file of its key; empty: it is in the certificate's.</param>
    /// <exception cref="InvalidDataException">A file cannot be read; names it and says why.</exception>
    internal static SslClientAuthenticationOptions For(string authorities, string certificate, string key)
    {
        SslClientAuthenticationOptions tls = new();
        if (authorities.Length > 0)
            tls.RemoteCertificateValidationCallback = ClientTls.Trusting(authorities, alsoSystem: false);
        if (certificate.Length > 0)
            tls.ClientCertificateContext = ClientTls.Certificate(certificate, key.Length > 0 ? key : null);
        return tls;
    }
}
