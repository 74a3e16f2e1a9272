using System.Security.Cryptography.X509Certificates;
using CriRuntime.Images.Registry;

namespace CriRuntime.Images.Tests.Registry;

public sealed class RedirectTests
{
    private static readonly RegistryCredentials Alice = new() { Username = "alice", Password = "correct horse" };

    private readonly TestImage _image = new();

    [Fact]
    public async Task A_redirect_to_another_host_carries_no_credentials()
    {
        await using FakeRegistry registry = await StartAsync();
        await using FakeRegistry storage = await FakeRegistry.StartAsync();
        storage.Intercept = async http =>
        {
            await FakeRegistry.SendRangeAsync(http, _image.Layer);
            return true;
        };
        RedirectBlobs(registry, $"http://{storage.Host}/bucket/blob?X-Signature=secret");
        using RegistryClient client = new(registry.PlainOptions());

        Assert.Equal(_image.Layer, await client.Open(registry.Image("team/app:1"), Alice).ReadBlobAsync(_image.LayerDescriptor));
        SeenRequest leaked = storage.Requests.Single();
        Assert.Equal("", leaked.Authorization);
        Assert.Equal("?X-Signature=secret", leaked.Query);
    }

    [Fact]
    public async Task A_challenge_of_the_redirects_target_is_not_answered()
    {
        await using FakeRegistry registry = await StartAsync();
        await using FakeRegistry thief = await FakeRegistry.StartAsync();
        thief.Intercept = async http =>
        {
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"gimme\"";
            await FakeRegistry.FailAsync(http, 401, "X", "internal words of another host");
            return true;
        };
        RedirectBlobs(registry, $"http://{thief.Host}/x?sig=topsecret");
        using RegistryClient client = new(registry.PlainOptions());
        ImageException e = await Assert.ThrowsAsync<ImageException>(
            () => client.Open(registry.Image("team/app:1"), Alice).ReadBlobAsync(_image.LayerDescriptor));
        Assert.All(thief.Requests, r => Assert.Equal("", r.Authorization));
        Assert.DoesNotContain("topsecret", e.ToString());
        Assert.DoesNotContain("internal words", e.Message);
    }

    [Fact]
    public async Task A_redirect_on_the_same_host_keeps_the_credentials()
    {
        await using FakeRegistry registry = await StartAsync();
        RedirectBlobs(registry, "/elsewhere/blob");
        using RegistryClient client = new(registry.PlainOptions());
        Assert.Equal(_image.Layer, await client.Open(registry.Image("team/app:1"), Alice).ReadBlobAsync(_image.LayerDescriptor));
        Assert.StartsWith("Basic ", registry.Requests.Last().Authorization);
    }

    [Fact]
    public async Task A_redirect_from_https_to_http_is_refused()
    {
        using X509Certificate2 certificate = TestCertificates.ForLoopback();
        await using FakeRegistry registry = await FakeRegistry.StartAsync(certificate);
        await using FakeRegistry plain = await FakeRegistry.StartAsync();
        registry.Intercept = http =>
        {
            http.Response.Redirect($"http://{plain.Host}/blob");
            return Task.FromResult(true);
        };
        using RegistryClient client = new(FakeRegistry.Quick(new() { [registry.Host] = new() { SkipVerify = true } }));
        ImageException e = await Assert.ThrowsAsync<ImageException>(
            () => client.Open(registry.Image("team/app:1"), Alice).ReadBlobAsync(_image.LayerDescriptor));
        Assert.Contains("from https to plain http", e.Message);
        Assert.Empty(plain.Requests);
    }

    [Fact]
    public async Task A_token_realm_by_plain_http_gets_nothing_from_a_client_of_a_tls_registry()
    {
        using X509Certificate2 certificate = TestCertificates.ForLoopback();
        await using FakeRegistry registry = await FakeRegistry.StartAsync(certificate);
        await using FakeRegistry plain = await FakeRegistry.StartAsync();
        registry.Intercept = http =>
        {
            http.Response.StatusCode = 401;
            http.Response.Headers.WWWAuthenticate = $"Bearer realm=\"http://{plain.Host}/token\",service=\"x\"";
            return Task.FromResult(true);
        };
        using RegistryClient client = new(FakeRegistry.Quick(new() { [registry.Host] = new() { SkipVerify = true } }));
        ImageException e = await Assert.ThrowsAsync<ImageException>(
            () => client.Open(registry.Image("team/app:1"), Alice).FetchManifestAsync(null, default));
        Assert.Contains("over plain http", e.Message);
        Assert.Empty(plain.Requests);
    }

    [Theory]
    [InlineData("/v2/team/app/blobs/round-and-round")]
    [InlineData("ftp://127.0.0.1/x")]
    [InlineData("file:///etc/passwd")]
    public async Task Loops_and_other_schemes_are_refused(string location)
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Intercept = http =>
        {
            http.Response.Redirect(location);
            return Task.FromResult(true);
        };
        using RegistryClient client = new(registry.PlainOptions());
        ImageException e = await Assert.ThrowsAsync<ImageException>(
            () => client.Open(registry.Image("team/app:1"), null).ReadBlobAsync(_image.LayerDescriptor));
        Assert.Contains("redirect", e.Message);
        Assert.True(registry.Requests.Count < 10);
    }

    [Fact]
    public async Task A_resumed_blob_asks_the_registry_again_for_a_fresh_redirect()
    {
        await using FakeRegistry registry = await StartAsync();
        await using FakeRegistry storage = await FakeRegistry.StartAsync();
        storage.Intercept = async http =>
        {
            if (http.Request.Headers.Range.Count > 0)
            {
                await FakeRegistry.SendRangeAsync(http, _image.Layer);
                return true;
            }
            http.Response.ContentLength = _image.Layer.Length;
            await http.Response.Body.WriteAsync(_image.Layer.AsMemory(0, 600));
            await http.Response.Body.FlushAsync();
            await Task.Delay(50);
            http.Abort();
            return true;
        };
        RedirectBlobs(registry, $"http://{storage.Host}/signed");
        using RegistryClient client = new(registry.PlainOptions());
        Assert.Equal(_image.Layer, await client.Open(registry.Image("team/app:1"), null).ReadBlobAsync(_image.LayerDescriptor));
        Assert.Equal(2, storage.Requests.Count);
        Assert.Equal(2, registry.Requests.Count);
    }

    private async Task<FakeRegistry> StartAsync()
    {
        FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Add(_image);
        return registry;
    }

    /// <summary>Asks for basic credentials when the pull has some, and redirects blobs once it has them.</summary>
    private void RedirectBlobs(FakeRegistry registry, string location)
    {
        registry.Intercept = async http =>
        {
            if (http.Request.Path == "/elsewhere/blob")
            {
                await FakeRegistry.SendRangeAsync(http, _image.Layer);
                return true;
            }
            bool anonymous = http.Request.Headers.Authorization.Count == 0;
            if (anonymous && registry.Requests.Count == 1 && location.Contains("127.0.0.1", StringComparison.Ordinal) && location.Contains('?'))
            {
                http.Response.StatusCode = 401;
                http.Response.Headers.WWWAuthenticate = "Basic realm=\"x\"";
                return true;
            }
            if (anonymous && location.StartsWith('/'))
            {
                http.Response.StatusCode = 401;
                http.Response.Headers.WWWAuthenticate = "Basic realm=\"x\"";
                return true;
            }
            http.Response.Redirect(location);
            return true;
        };
    }
}
