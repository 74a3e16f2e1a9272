using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CriRuntime.CriServer.Tests.Observability.Tracing;

/// <summary>An authority that a test makes, and what it issues.</summary>
internal sealed class CollectorCertificates : IDisposable
{
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("criruntime-otlp-");
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;

    internal CollectorCertificates()
    {
        CertificateRequest request = new("CN=authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        AuthorityFile = Write("ca.pem", _authority.ExportCertificatePem());
    }

    internal string AuthorityFile { get; }

    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
        _files.Delete(recursive: true);
    }

    /// <summary>With its key, for a server at <paramref name="address"/>.</summary>
    internal X509Certificate2 Server(string address = "127.0.0.1")
    {
        using X509Certificate2 issued = Issue("CN=collector", "1.3.6.1.5.5.7.3.1", address);
        return X509CertificateLoader.LoadPkcs12(issued.Export(X509ContentType.Pkcs12), null);
    }

    internal (string Certificate, string Key) Client()
    {
        using X509Certificate2 issued = Issue("CN=node-7", "1.3.6.1.5.5.7.3.2", "127.0.0.1");
        return (Write("client.pem", issued.ExportCertificatePem()), Write("client.key", issued.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()));
    }

    internal string Write(string name, string text)
    {
        string path = Path.Combine(_files.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private X509Certificate2 Issue(string subject, string purpose, string address)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(subject, key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], true));
        using X509Certificate2 issued = request.Create(_authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), Guid.NewGuid().ToByteArray());
        return issued.CopyWithPrivateKey(key);
    }
}
