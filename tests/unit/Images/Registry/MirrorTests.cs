using CriRuntime.Images.References;
using CriRuntime.Images.Registry;

namespace CriRuntime.Images.Tests.Registry;

public sealed class MirrorTests
{
    private static readonly Reference Image = Reference.Parse("registry.example/team/app:1");
    private static readonly RegistryCredentials Alice = new() { Username = "alice", Password = "correct horse" };

    private readonly TestImage _image = new();

    [Fact]
    public async Task Mirrors_are_tried_in_their_order_with_the_same_path()
    {
        await using FakeRegistry first = await FakeRegistry.StartAsync();
        await using FakeRegistry second = await FakeRegistry.StartAsync();
        second.Add(_image);
        using RegistryClient client = new(Mirrored("registry.example", $"http://{first.Host}", $"http://{second.Host}/v2/"));
        RegistryRepository repository = client.Open(Image, Alice);
        ManifestContent content = await repository.FetchManifestAsync(null, default);
        Assert.Equal(_image.Manifest, content.Bytes.ToArray());
        Assert.Equal("registry.example/team/app:1", repository.Image.ToString());
        SeenRequest asked = Assert.Single(first.Requests);
        Assert.Equal(("/v2/team/app/manifests/1", "?ns=registry.example"), (asked.Path, asked.Query));
        Assert.Single(second.Requests);
    }

    [Fact]
    public async Task Mirrors_for_all_registries_serve_those_without_mirrors_of_their_own()
    {
        await using FakeRegistry mirror = await FakeRegistry.StartAsync();
        mirror.Add(_image, repository: "library/busybox", tag: "latest");
        using RegistryClient client = new(Mirrored("*", $"http://{mirror.Host}/proxy/"));
        mirror.Intercept = http =>
        {
            Assert.StartsWith("/proxy/v2/", http.Request.Path);
            http.Request.Path = http.Request.Path.Value!["/proxy".Length..];
            return Task.FromResult(false);
        };
        await client.Open(Reference.Parse("busybox"), null).FetchManifestAsync(null, default);
        Assert.Equal("?ns=docker.io", mirror.Requests.Single().Query);
    }

    [Fact]
    public async Task The_registry_itself_is_asked_when_no_mirror_serves()
    {
        await using FakeRegistry mirror = await FakeRegistry.StartAsync();
        await using FakeRegistry upstream = await FakeRegistry.StartAsync();
        upstream.Add(_image);
        mirror.Intercept = async http =>
        {
            await FakeRegistry.FailAsync(http, 500, "UNKNOWN", "broken");
            return true;
        };
        RegistryOptions options = FakeRegistry.Quick(new()
        {
            [upstream.Host] = new() { PlainHttp = true, Mirrors = [$"http://{mirror.Host}", "http://127.0.0.1:1"] },
        });
        Failures failures = new();
        using RegistryClient client = new(options, failures);
        RegistryRepository repository = client.Open(upstream.Image("team/app:1"), null);
        await repository.FetchManifestAsync(null, default);
        int asked = mirror.Requests.Count;
        Assert.Equal(_image.Layer, await repository.ReadBlobAsync(_image.LayerDescriptor));
        Assert.Equal(asked, mirror.Requests.Count);
        Assert.Equal([mirror.Host, "127.0.0.1:1"], failures.Hosts);
    }

    [Fact]
    public async Task A_mirror_never_sees_the_registrys_credentials()
    {
        await using FakeRegistry mirror = await FakeRegistry.StartAsync();
        mirror.Intercept = http =>
        {
            http.Response.StatusCode = 401;
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"mirror\"";
            return Task.FromResult(true);
        };
        using RegistryClient client = new(Mirrored("registry.example", $"http://{mirror.Host}"));
        await Assert.ThrowsAsync<ImageException>(() => client.Open(Image, Alice).FetchManifestAsync(null, default));
        Assert.Equal("", Assert.Single(mirror.Requests).Authorization);
    }

    [Fact]
    public async Task When_nothing_serves_the_error_is_the_registrys_and_names_the_mirrors()
    {
        await using FakeRegistry mirror = await FakeRegistry.StartAsync();
        await using FakeRegistry upstream = await FakeRegistry.StartAsync();
        using RegistryClient client = new(FakeRegistry.Quick(new()
        {
            [upstream.Host] = new() { PlainHttp = true, Mirrors = [$"http://{mirror.Host}"] },
        }));
        ImageException e = await Assert.ThrowsAsync<ImageException>(
            () => client.Open(upstream.Image("team/app:1"), null).FetchManifestAsync(null, default));
        Assert.Equal(ImageErrorKind.NotFound, e.Kind);
        Assert.Contains($"{upstream.Host} answered 404", e.Message);
        Assert.Contains($"mirror {mirror.Host} answered 404", e.Message);
    }

    [Fact]
    public async Task With_mirrors_only_the_registry_itself_is_never_asked()
    {
        await using FakeRegistry mirror = await FakeRegistry.StartAsync();
        await using FakeRegistry upstream = await FakeRegistry.StartAsync();
        using RegistryClient client = new(FakeRegistry.Quick(new()
        {
            ["*"] = new() { Mirrors = [$"http://{mirror.Host}"], MirrorsOnly = true },
            [upstream.Host] = new() { PlainHttp = true },
        }));
        ImageException e = await Assert.ThrowsAsync<ImageException>(
            () => client.Open(upstream.Image("team/app:1"), null).FetchManifestAsync(null, default));
        Assert.Equal(ImageErrorKind.NotFound, e.Kind);
        Assert.Contains($"{mirror.Host} answered 404", e.Message);
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task A_mirror_that_keeps_breaking_off_leaves_the_blob_to_the_registry()
    {
        await using FakeRegistry mirror = await FakeRegistry.StartAsync();
        await using FakeRegistry upstream = await FakeRegistry.StartAsync();
        upstream.Add(_image);
        mirror.Intercept = async http =>
        {
            http.Response.ContentLength = _image.Layer.Length;
            await http.Response.Body.WriteAsync(_image.Layer.AsMemory(0, 1));
            await http.Response.Body.FlushAsync();
            http.Abort();
            return true;
        };
        using RegistryClient client = new(FakeRegistry.Quick(new()
        {
            [upstream.Host] = new() { PlainHttp = true, Mirrors = [$"http://{mirror.Host}"] },
        }));
        Assert.Equal(_image.Layer, await client.Open(upstream.Image("team/app:1"), null).ReadBlobAsync(_image.LayerDescriptor));
    }

    [Theory]
    [InlineData("registry.example", "http://mirror.example", "plain HTTP")]
    [InlineData("registry.example", "mirror.example", "not a plain http(s) URL")]
    [InlineData("registry.example", "ftp://mirror.example", "not a plain http(s) URL")]
    [InlineData("registry.example", "https://user:pass@mirror.example", "credentials in its URL")]
    [InlineData("bad host", "https://mirror.example", "not a host")]
    public void A_mirror_that_cannot_be_is_refused_at_start(string host, string mirror, string says)
    {
        ImageException e = Assert.Throws<ImageException>(() => new RegistryClient(Mirrored(host, mirror)));
        Assert.Equal(ImageErrorKind.InvalidArgument, e.Kind);
        Assert.Contains(says, e.Message);
        Assert.Contains($"\"{host}\"", e.Message);
        Assert.DoesNotContain("pass@", e.Message);
    }

    [Fact]
    public void Settings_for_all_registries_may_only_be_mirrors()
    {
        ImageException e = Assert.Throws<ImageException>(
            () => new RegistryClient(FakeRegistry.Quick(new() { ["*"] = new() { SkipVerify = true } })));
        Assert.Contains("may only have mirrors", e.Message);
    }

    private static RegistryOptions Mirrored(string host, params string[] mirrors) =>
        FakeRegistry.Quick(new() { [host] = new() { Mirrors = mirrors } });

    private sealed class Failures : IRegistryObserver
    {
        public List<string> Hosts { get; } = [];

        public void MirrorFailed(string image, string host, string reason) => Hosts.Add(host);
    }
}
