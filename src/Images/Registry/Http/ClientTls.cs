using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CriRuntime.Images.Registry.Http;

/// <summary>A client's side of TLS from PEM files: whom it trusts, and as whom it shows itself. The files are read once.</summary>
public static class ClientTls
{
    /// <summary>A check against the authorities of <paramref name="file"/>; names must match in any case.</summary>
    /// <param name="alsoSystem">Whether what the system trusts is accepted besides.</param>
    /// <exception cref="InvalidDataException">The file cannot be read; names it and says why.</exception>
    public static RemoteCertificateValidationCallback Trusting(string file, bool alsoSystem)
    {
        X509Certificate2Collection authorities = Read(file, ReadAuthorities);
        return (_, certificate, presented, errors) =>
        {
            if (errors == SslPolicyErrors.None && alsoSystem)
                return true;
            bool rightName = (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None;
            return rightName && certificate is X509Certificate2 leaf && EndsIn(authorities, leaf, presented);
        };
    }

    /// <summary>The certificate to show, with the chain that its file has.</summary>
    /// <param name="keyFile">Null: the key is in the certificate's file.</param>
    /// <exception cref="InvalidDataException">A file cannot be read; names it and says why.</exception>
    public static SslStreamCertificateContext Certificate(string file, string? keyFile) => SslStreamCertificateContext.Create(
        Read(file, path => X509Certificate2.CreateFromPemFile(path, keyFile)),
        Read(file, ReadAuthorities),
        offline: true);

    private static bool EndsIn(X509Certificate2Collection authorities, X509Certificate2 leaf, X509Chain? presented)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1", "TLS server"));
        foreach (X509ChainElement element in presented?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return chain.Build(leaf);
    }

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
            throw new InvalidDataException($"cannot read the certificate file {path}: {e.Message}", e);
        }
    }
}
