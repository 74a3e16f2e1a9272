using System.Text;
using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;
using CriRuntime.Images.Tests.Layers;
using CriRuntime.Images.Tests.Store;

namespace CriRuntime.Images.Tests.Import;

public sealed class ImportTests : IAsyncLifetime
{
    private readonly TestStore _test = new();
    private readonly LayeredImage _image = new(new TarBuilder().File("a", "1"), new TarBuilder().File("b", "2"));

    public async ValueTask InitializeAsync() => await _test.OpenAsync();

    public async ValueTask DisposeAsync() => await _test.DisposeAsync();

    [Theory]
    [InlineData("io.containerd.image.name", "docker.io/library/busybox:1.36")]
    [InlineData("org.opencontainers.image.ref.name", "docker.io/library/busybox:1.36")]
    [InlineData("org.opencontainers.image.ref.name", "busybox:1.36")]
    public async Task An_OCI_archive_is_imported_under_the_name_that_it_has(string annotation, string name)
    {
        Image image = Assert.Single(await ImportAsync(OciArchive(_image, $$"""{"{{annotation}}":"{{name}}"}""").ToArray()));

        Assert.Equal(_image.ConfigDigest.ToString(), image.Id);
        Assert.Equal(["docker.io/library/busybox:1.36"], image.RepoTags);
        Assert.Equal([$"docker.io/library/busybox@{_image.ManifestDigest}"], image.RepoDigests);
        Assert.Equal(2, _test.Entries("l").Count);
        await _test.Store.WhenCleanAsync();
        Assert.Empty(_test.Entries("ingest"));
    }

    [Fact]
    public async Task A_given_name_replaces_those_of_the_archive_and_the_archive_may_be_compressed()
    {
        byte[] archive = OciArchive(_image, """{"org.opencontainers.image.ref.name":"latest"}""").ToGzip();

        Image image = Assert.Single(await ImportAsync(archive, "quay.io/a/b:2"));

        Assert.Equal(["quay.io/a/b:2"], image.RepoTags);
    }

    [Fact]
    public async Task A_bare_tag_names_no_repository()
    {
        Image image = Assert.Single(await ImportAsync(OciArchive(_image, """{"org.opencontainers.image.ref.name":"latest"}""").ToArray()));

        Assert.Empty(image.RepoTags);
        Assert.Same(image, _test.Store.Find(image.Id));
    }

    [Fact]
    public async Task What_docker_save_writes_is_imported_links_between_layers_included()
    {
        byte[] layer = new TarBuilder().File("a", "1").ToArray();
        var image = new LayeredImage("{}", [layer, layer]);
        TarBuilder archive = new TarBuilder().Directory("one/").File("one/VERSION", "1.0").Member('0', "one/layer.tar", layer)
            .Symlink("two/layer.tar", "../one/layer.tar")
            .Member('0', $"{image.ConfigDigest.Hex}.json", image.Blobs[image.ConfigDigest])
            .File("manifest.json", $$"""[{"Config":"{{image.ConfigDigest.Hex}}.json","RepoTags":["busybox:docker"],"Layers":["one/layer.tar","two/layer.tar"]}]""");

        Image imported = Assert.Single(await ImportAsync(archive.ToArray()));

        Assert.Equal(image.ConfigDigest.ToString(), imported.Id);
        Assert.Equal(["docker.io/library/busybox:docker"], imported.RepoTags);
        Assert.Empty(imported.RepoDigests);
        await _test.ReopenAsync();
        Assert.NotNull(_test.Store.Find("busybox:docker"));
    }

    [Fact]
    public async Task Several_images_are_imported_at_once_but_not_under_one_name()
    {
        var other = new LayeredImage(new TarBuilder().File("c"));
        TarBuilder archive = OciArchive(
            [(_image, """{"io.containerd.image.name":"docker.io/library/one:1"}"""), (other, """{"io.containerd.image.name":"docker.io/library/two:1"}""")]);

        Assert.Equal(2, (await ImportAsync(archive.ToArray())).Count);
        var e = await Assert.ThrowsAsync<ImageException>(() => ImportAsync(archive.ToArray(), "three"));
        Assert.Equal(ImageErrorKind.InvalidArgument, e.Kind);
    }

    [Fact]
    public async Task Names_in_the_archive_never_become_files_of_the_host()
    {
        TarBuilder archive = new TarBuilder().File("../../../../tmp/criruntime-evil", "x").File("/tmp/criruntime-evil2", "x")
            .Symlink("blobs", "/etc").HardLink("hard", "/etc/shadow").File("index.json", "{}");

        await Assert.ThrowsAsync<ImageException>(() => ImportAsync(archive.ToArray()));

        Assert.False(File.Exists("/tmp/criruntime-evil"));
        Assert.False(File.Exists("/tmp/criruntime-evil2"));
        await _test.Store.WhenCleanAsync();
        Assert.Empty(_test.Entries("ingest"));
    }

    [Fact]
    public async Task Corrupt_missing_and_foreign_content_is_refused_and_nothing_is_kept()
    {
        byte[] good = OciArchive(_image, "{}").ToArray();
        await AssertRefusedAsync(good[..2000]);
        await AssertRefusedAsync([.. Encoding.UTF8.GetBytes("this is no archive"), .. new byte[600]]);
        await AssertRefusedAsync([]);
        await AssertRefusedAsync(new TarBuilder().File("readme", "hello").ToArray());
        await AssertRefusedAsync(new TarBuilder().File("index.json", "not json").ToArray());
        await AssertRefusedAsync(new TarBuilder().File("manifest.json", """[{"Config":"../../etc/passwd","Layers":[]}]""").ToArray());
        await AssertRefusedAsync(new TarBuilder().File("manifest.json", """[{"Config":null,"Layers":null}]""").ToArray());

        var swapped = new LayeredImage(new TarBuilder().File("z"));
        swapped.Blobs[swapped.LayerDigests[0]] = _image.Blobs[_image.LayerDigests[0]]; // another layer under its name
        await AssertRefusedAsync(OciArchive(swapped, "{}").ToArray());
    }

    [Fact]
    public async Task A_single_huge_document_is_not_read_into_memory()
    {
        var e = await Assert.ThrowsAsync<ImageException>(() => ImportAsync(new TarBuilder().Member('0', "index.json", new byte[8 << 20]).ToArray()));

        Assert.Equal(ImageErrorKind.ResourceExhausted, e.Kind);
    }

    private static TarBuilder OciArchive(LayeredImage image, string annotations) => OciArchive([(image, annotations)]);

    private static TarBuilder OciArchive((LayeredImage Image, string Annotations)[] images)
    {
        TarBuilder archive = new TarBuilder().File("oci-layout", """{"imageLayoutVersion":"1.0.0"}""").Directory("blobs/").Directory("blobs/sha256/");
        foreach ((Digest digest, byte[] content) in images.SelectMany(i => i.Image.Blobs))
        {
            archive.Member('0', $"blobs/sha256/{digest.Hex}", content);
        }

        string manifests = string.Join(',', images.Select(i =>
            $$"""{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{i.Image.ManifestDigest}}","size":{{i.Image.Manifest.Length}},"annotations":{{i.Annotations}}}"""));
        return archive.File("index.json", $$"""{"schemaVersion":2,"manifests":[{{manifests}}]}""");
    }

    private Task<IReadOnlyList<Image>> ImportAsync(byte[] archive, string? reference = null) =>
        _test.Store.ImportAsync(new MemoryStream(archive), reference, TestContext.Current.CancellationToken);

    private async Task AssertRefusedAsync(byte[] archive)
    {
        await Assert.ThrowsAsync<ImageException>(() => ImportAsync(archive, "evil"));
        await _test.Store.WhenCleanAsync();
        Assert.Empty(_test.Store.List());
        foreach (string folder in new[] { "ingest", "l", "images", "blobs/sha256" })
        {
            Assert.Empty(_test.Entries(folder));
        }
    }
}
