using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CriRuntime.Images.Registry.Http;

/// <summary>The TLS options of one host: additional authorities, a client certificate, or no verification.</summary>
internal static class HostTls
{
    public static SslClientAuthenticationOptions For(RegistryHostOptions settings)
    {
        SslClientAuthenticationOptions tls = new();
        if (settings.SkipVerify)
            tls.RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null;
        else if (settings.CaFile is not null)
            tls.RemoteCertificateValidationCallback = VerifierWith(Read(settings.CaFile, ReadAuthorities));
        if (settings.ClientCertificateFile is { } file)
        {
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(
                Read(file, path => X509Certificate2.CreateFromPemFile(path, settings.ClientKeyFile)),
                Read(file, ReadAuthorities),
                offline: true);
        }
        return tls;
    }

    /// <summary>Accepts what the system trusts, and chains that end in one of the authorities; names must match in both.</summary>
    private static RemoteCertificateValidationCallback VerifierWith(X509Certificate2Collection authorities) =>
        (_, certificate, presented, errors) =>
        {
            if (errors == SslPolicyErrors.None)
                return true;
            if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 leaf)
                return false;
            using X509Chain chain = new();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1", "TLS server"));
            foreach (X509ChainElement element in presented?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
                chain.ChainPolicy.ExtraStore.Add(element.Certificate);
            return chain.Build(leaf);
        };

    private static X509Certificate2Collection ReadAuthorities(string path)
    {
        X509Certificate2Collection certificates = [];
        certificates.ImportFromPemFile(path);
        return certificates.Count > 0 ? certificates : throw new CryptographicException("it holds no certificate");
    }

    private static T Read<T>(string path, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new ImageException(
                ImageErrorKind.InvalidArgument, $"registries: cannot read the certificate file {path}: {e.Message}", e);
        }
    }
}
