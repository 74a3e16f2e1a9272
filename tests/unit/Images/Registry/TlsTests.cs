using System.Security.Cryptography.X509Certificates;
using CriRuntime.Images.Registry;

namespace CriRuntime.Images.Tests.Registry;

public sealed class TlsTests : IDisposable
{
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("criruntime-tls-");
    private readonly TestImage _image = new();

    public void Dispose() => _files.Delete(recursive: true);

    [Fact]
    public async Task An_unknown_certificate_is_refused_with_what_to_do()
    {
        using X509Certificate2 certificate = TestCertificates.ForLoopback();
        await using FakeRegistry registry = await StartAsync(certificate);
        ImageException e = await Assert.ThrowsAsync<ImageException>(() => FetchAsync(registry, new()));
        Assert.Equal(ImageErrorKind.Unavailable, e.Kind);
        Assert.Contains("is not trusted (configure a CA file", e.Message);
        Assert.Empty(registry.Requests);
    }

    [Fact]
    public async Task A_configured_authority_is_trusted_and_http2_spoken()
    {
        using X509Certificate2 certificate = TestCertificates.ForLoopback();
        await using FakeRegistry registry = await StartAsync(certificate);
        await FetchAsync(registry, new() { CaFile = Write("ca.pem", certificate.ExportCertificatePem()) });
        Assert.Equal("HTTP/2", registry.Requests.Single().Protocol);
    }

    [Fact]
    public async Task A_trusted_authority_does_not_excuse_another_name()
    {
        using X509Certificate2 certificate = TestCertificates.ForLoopback("127.0.0.2");
        await using FakeRegistry registry = await StartAsync(certificate);
        string ca = Write("ca.pem", certificate.ExportCertificatePem());
        await Assert.ThrowsAsync<ImageException>(() => FetchAsync(registry, new() { CaFile = ca }));
    }

    [Fact]
    public async Task A_client_certificate_is_presented()
    {
        using X509Certificate2 certificate = TestCertificates.ForLoopback();
        await using FakeRegistry registry = await StartAsync(certificate, wantsClientCertificate: true);
        string file = Write("client.pem", certificate.ExportCertificatePem());
        string key = Write("client.key", certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await FetchAsync(registry, new() { SkipVerify = true, ClientCertificateFile = file, ClientKeyFile = key });
        await Assert.ThrowsAsync<ImageException>(() => FetchAsync(registry, new() { SkipVerify = true }));
    }

    [Fact]
    public async Task Verification_is_skipped_for_the_named_host_only()
    {
        using X509Certificate2 certificate = TestCertificates.ForLoopback();
        await using FakeRegistry registry = await StartAsync(certificate);
        await using FakeRegistry other = await StartAsync(certificate);
        registry.Intercept = http =>
        {
            http.Response.Redirect($"https://{other.Host}{http.Request.Path}");
            return Task.FromResult(true);
        };
        await Assert.ThrowsAsync<ImageException>(() => FetchAsync(registry, new() { SkipVerify = true }));
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task A_plain_http_server_is_not_fallen_back_to()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        ImageException e = await Assert.ThrowsAsync<ImageException>(() => FetchAsync(registry, new()));
        Assert.Contains("plain-HTTP", e.Message);
        Assert.Empty(registry.Requests);
    }

    [Fact]
    public async Task A_missing_certificate_file_is_named()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        ImageException e = await Assert.ThrowsAsync<ImageException>(() => FetchAsync(registry, new() { CaFile = "/no/such/ca.pem" }));
        Assert.Equal(ImageErrorKind.InvalidArgument, e.Kind);
        Assert.Contains("/no/such/ca.pem", e.Message);
    }

    private static async Task FetchAsync(FakeRegistry registry, RegistryHostOptions host)
    {
        using RegistryClient client = new(FakeRegistry.Quick(new() { [registry.Host] = host }));
        await client.Open(registry.Image("team/app:1"), null).FetchManifestAsync(null, default);
    }

    private async Task<FakeRegistry> StartAsync(X509Certificate2 certificate, bool wantsClientCertificate = false)
    {
        FakeRegistry registry = await FakeRegistry.StartAsync(certificate, wantsClientCertificate);
        registry.Add(_image);
        return registry;
    }

    private string Write(string name, string pem)
    {
        string path = Path.Combine(_files.FullName, name);
        File.WriteAllText(path, pem);
        return path;
    }
}
