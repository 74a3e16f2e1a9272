using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;
using CriRuntime.Images.Registry;

namespace CriRuntime.Images.Tests.Registry;

public sealed class ManifestFetchTests
{
    private static readonly Platform Amd64 = new() { Os = "linux", Architecture = "amd64" };

    [Fact]
    public async Task A_tag_is_fetched_with_its_digest_type_and_size()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        TestImage image = new();
        registry.Add(image);
        using RegistryClient client = new(registry.PlainOptions());

        ManifestContent content = await client.Open(registry.Image("team/app:1"), null).FetchManifestAsync(null, default);

        Assert.Equal(image.Manifest, content.Bytes.ToArray());
        Assert.Equal(new Descriptor(MediaTypes.OciManifest, Digest.Sha256(image.Manifest), image.Manifest.Length), content.Descriptor);
        string accept = registry.Requests.Single().Accept;
        Assert.All(
            [MediaTypes.OciIndex, MediaTypes.OciManifest, MediaTypes.DockerList, MediaTypes.DockerManifest],
            type => Assert.Contains(type, accept));
    }

    [Fact]
    public async Task An_index_leads_to_the_image_of_the_platform()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        TestImage image = new(manifestType: MediaTypes.DockerManifest);
        registry.Add(image, tag: "single");
        registry.Manifests["team/app/multi"] = (MediaTypes.OciIndex, image.Index());
        using RegistryClient client = new(registry.PlainOptions());

        ResolvedImage resolved = await ImageResolver.ResolveAsync(client.Open(registry.Image("team/app:multi"), null), Amd64, default);

        Assert.Equal(Digest.Sha256(image.Index()), resolved.Root.Descriptor.Digest);
        Assert.Equal(Digest.Sha256(image.Manifest), resolved.Content.Descriptor.Digest);
        Assert.Equal(image.Layer.Length, resolved.Manifest.Layers.Single().Size);
    }

    [Fact]
    public async Task A_digest_wins_over_the_tag_beside_it()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        TestImage image = new();
        registry.Add(image);
        using RegistryClient client = new(registry.PlainOptions());
        Reference reference = registry.Image($"team/app:other@{Digest.Sha256(image.Manifest)}");
        Assert.Equal(image.Manifest, (await client.Open(reference, null).FetchManifestAsync(null, default)).Bytes.ToArray());
    }

    [Fact]
    public async Task A_manifest_that_is_not_what_its_digest_says_is_refused()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        Digest asked = Digest.Sha256("something else"u8);
        registry.Manifests[$"team/app/{asked}"] = (MediaTypes.OciManifest, new TestImage().Manifest);
        await FailsAsync(registry, $"team/app@{asked}", ImageErrorKind.DataLoss, asked.ToString());
    }

    [Fact]
    public async Task A_tag_whose_digest_header_lies_is_refused()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Add(new TestImage());
        registry.Intercept = http =>
        {
            http.Response.Headers["Docker-Content-Digest"] = Digest.Sha256("lie"u8).ToString();
            return Task.FromResult(false);
        };
        await FailsAsync(registry, "team/app:1", ImageErrorKind.DataLoss, "Docker-Content-Digest");
    }

    [Fact]
    public async Task An_index_that_lies_about_the_size_of_a_manifest_is_refused()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        TestImage image = new();
        registry.Add(image);
        byte[] index = System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(image.Index())
            .Replace($"\"size\":{image.Manifest.Length}", "\"size\":7", StringComparison.Ordinal));
        registry.Manifests["team/app/multi"] = (MediaTypes.OciIndex, index);
        using RegistryClient client = new(registry.PlainOptions());
        ImageException e = await Assert.ThrowsAsync<ImageException>(
            () => ImageResolver.ResolveAsync(client.Open(registry.Image("team/app:multi"), null), Amd64, default));
        Assert.Equal(ImageErrorKind.DataLoss, e.Kind);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_huge_manifest_is_not_read(bool announced)
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Intercept = async http =>
        {
            http.Response.ContentType = MediaTypes.OciManifest;
            if (announced)
                http.Response.ContentLength = 100L << 30;
            byte[] chunk = new byte[1 << 20];
            for (int i = 0; i < 10_000 && !http.RequestAborted.IsCancellationRequested; i++)
                await http.Response.Body.WriteAsync(chunk, http.RequestAborted);
            return true;
        };
        await FailsAsync(registry, "team/app:1", ImageErrorKind.ResourceExhausted, "4194304");
    }

    [Fact]
    public async Task A_document_that_is_index_and_image_at_once_is_refused()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Manifests["team/app/1"] = (MediaTypes.OciIndex, """{"schemaVersion":2,"manifests":[],"layers":[],"config":{}}"""u8.ToArray());
        await FailsAsync(registry, "team/app:1", ImageErrorKind.DataLoss, "ambiguous");
    }

    [Fact]
    public async Task A_document_served_as_another_type_is_refused()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Manifests["team/app/1"] = (MediaTypes.DockerManifest, new TestImage().Manifest);
        await FailsAsync(registry, "team/app:1", ImageErrorKind.DataLoss, MediaTypes.DockerManifest);
    }

    [Fact]
    public async Task A_web_page_in_place_of_a_manifest_is_told_as_such()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Manifests["team/app/1"] = ("text/html", "<html>Please log in</html>"u8.ToArray());
        await FailsAsync(registry, "team/app:1", ImageErrorKind.Unavailable, "is it a registry?");
    }

    [Fact]
    public async Task An_unknown_tag_is_not_found_with_the_words_of_the_registry()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        ImageException e = await FailsAsync(registry, "team/app:nope", ImageErrorKind.NotFound, "MANIFEST_UNKNOWN: manifest unknown");
        Assert.Contains($"{registry.Host}/team/app:nope", e.Message);
        Assert.Contains("404", e.Message);
        Assert.Single(registry.Requests);
    }

    [Fact]
    public async Task What_a_registry_says_is_made_fit_for_a_log_line()
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.Intercept = async http =>
        {
            await FakeRegistry.FailAsync(http, 404, "X", "first\\nFAKE LOG LINE \\u001b[31m" + new string('z', 5000));
            return true;
        };
        ImageException e = await FailsAsync(registry, "team/app:1", ImageErrorKind.NotFound, "FAKE LOG LINE");
        Assert.DoesNotContain(e.Message, char.IsControl);
        Assert.True(e.Message.Length < 700);
    }

    internal static async Task<ImageException> FailsAsync(FakeRegistry registry, string name, ImageErrorKind kind, string says)
    {
        using RegistryClient client = new(registry.PlainOptions());
        ImageException e = await Assert.ThrowsAsync<ImageException>(
            () => client.Open(registry.Image(name), null).FetchManifestAsync(null, default));
        Assert.Contains(says, e.Message);
        Assert.Equal(kind, e.Kind);
        return e;
    }
}
