using System.Text;
using CriRuntime.Images.Manifests;

namespace CriRuntime.Images.Tests.Manifests;

public sealed class ManifestReaderTests
{
    private const string Hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Fact]
    public void A_manifest_gives_its_configuration_and_layers_in_order()
    {
        ImageManifest manifest = ManifestReader.ReadManifest(Manifest($"{Layer(5)},{Layer(6)}"));
        Assert.Equal(MediaTypes.OciConfig, manifest.Config.MediaType);
        Assert.Equal([5L, 6L], manifest.Layers.Select(l => l.Size));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"mediaType":"x","size":1}""")]
    [InlineData("""{"mediaType":"x","size":1,"digest":null}""")]
    [InlineData("""{"mediaType":"x","size":1,"digest":"sha256:../../x"}""")]
    [InlineData("""{"mediaType":null,"size":1,"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}""")]
    [InlineData("""{"mediaType":"x","size":-1,"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}""")]
    [InlineData("""{"mediaType":"x","size":99999999999999999999,"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}""")]
    public void A_broken_layer_descriptor_makes_the_manifest_corrupt(string layer)
    {
        ImageException e = Assert.Throws<ImageException>(() => ManifestReader.ReadManifest(Manifest(layer)));
        Assert.Equal(ImageErrorKind.DataLoss, e.Kind);
    }

    [Fact]
    public void A_foreign_layer_is_refused()
    {
        byte[] manifest = Manifest($$"""{"mediaType":"{{MediaTypes.DockerForeignLayer}}.gzip","size":1,"digest":"sha256:{{Hex}}","urls":["http://evil/"]}""");
        Assert.Equal(ImageErrorKind.Unsupported, Assert.Throws<ImageException>(() => ManifestReader.ReadManifest(manifest)).Kind);
    }

    [Fact]
    public void An_artifact_is_no_image()
    {
        byte[] manifest = Manifest(Layer(1), "application/vnd.cncf.helm.config.v1+json");
        Assert.Contains("artifact", Assert.Throws<ImageException>(() => ManifestReader.ReadManifest(manifest)).Message);
    }

    [Fact]
    public void A_manifest_of_very_many_layers_is_refused()
    {
        byte[] manifest = Manifest(string.Join(',', Enumerable.Repeat(Layer(1), 1001)));
        Assert.Equal(ImageErrorKind.ResourceExhausted, Assert.Throws<ImageException>(() => ManifestReader.ReadManifest(manifest)).Kind);
    }

    [Fact]
    public void A_configuration_is_read_with_nulls_where_docker_writes_them()
    {
        ImageManifest manifest = ManifestReader.ReadManifest(Manifest(Layer(1)));
        ImageConfigFile config = ManifestReader.ReadConfig(Encoding.UTF8.GetBytes(
            $$$"""
            {"architecture":"amd64","os":"linux","created":"2024-05-01T10:00:00.123456789Z","config":{"Env":["A=1"],"Cmd":["sh"],"Entrypoint":null,
            "Volumes":{"/data":{}},"ExposedPorts":{"80/tcp":{}},"Labels":null,"User":"1000:1000","StopSignal":"SIGQUIT","OnBuild":null},
            "rootfs":{"type":"layers","diff_ids":["sha256:{{{Hex}}}"]},"history":[{"created_by":"x"}]}
            """), manifest);
        Assert.Equal("1000:1000", config.Config!.User);
        Assert.Equal(["A=1"], config.Config.Env!);
        Assert.Null(config.Config.Entrypoint);
        Assert.Contains("/data", config.Config.Volumes!.Keys);
        Assert.Single(config.RootFs.DiffIds!);
    }

    [Fact]
    public void A_configuration_must_name_as_many_layers_as_the_manifest()
    {
        ImageManifest manifest = ManifestReader.ReadManifest(Manifest(Layer(1)));
        ImageException e = Assert.Throws<ImageException>(() => ManifestReader.ReadConfig(
            """{"rootfs":{"type":"layers","diff_ids":[]}}"""u8, manifest));
        Assert.Equal(ImageErrorKind.DataLoss, e.Kind);
    }

    private static string Layer(long size) =>
        $$"""{"mediaType":"{{MediaTypes.OciLayerGzip}}","size":{{size}},"digest":"sha256:{{Hex}}"}""";

    private static byte[] Manifest(string layers, string configType = MediaTypes.OciConfig) => Encoding.UTF8.GetBytes(
        $$"""{"schemaVersion":2,"config":{"mediaType":"{{configType}}","size":2,"digest":"sha256:{{Hex}}"},"layers":[{{layers}}]}""");
}
