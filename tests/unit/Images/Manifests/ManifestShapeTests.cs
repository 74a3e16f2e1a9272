using System.Text;
using CriRuntime.Images.Manifests;

namespace CriRuntime.Images.Tests.Manifests;

public sealed class ManifestShapeTests
{
    [Theory]
    [InlineData("""{"schemaVersion":2,"layers":[],"config":{}}""", null, MediaTypes.OciManifest)]
    [InlineData("""{"schemaVersion":2,"manifests":[]}""", null, MediaTypes.OciIndex)]
    [InlineData("""{"schemaVersion":2,"manifests":[]}""", MediaTypes.DockerList, MediaTypes.DockerList)]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","layers":[]}""", "application/json", MediaTypes.DockerManifest)]
    public void The_type_comes_from_the_document_and_its_header(string document, string? declared, string type) =>
        Assert.Equal(type, ManifestShape.MediaTypeOf(Encoding.UTF8.GetBytes(document), declared));

    [Theory]
    [InlineData("""{"schemaVersion":2,"manifests":[],"layers":[]}""", MediaTypes.OciIndex)]
    [InlineData("""{"schemaVersion":2,"manifests":[],"config":{}}""", null)]
    [InlineData("""{"schemaVersion":2,"manifests":[]}""", MediaTypes.OciManifest)]
    [InlineData("""{"schemaVersion":2,"layers":[]}""", MediaTypes.OciIndex)]
    [InlineData("""{"schemaVersion":2,"layers":[],"layers":[]}""", null)]
    [InlineData("""{"schemaVersion":2,"layers":[],"Manifests":[]}""", null)]
    [InlineData("""{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}""", MediaTypes.DockerList)]
    public void A_document_that_could_be_two_things_is_refused(string document, string? declared)
    {
        ImageException e = Assert.Throws<ImageException>(() => ManifestShape.MediaTypeOf(Encoding.UTF8.GetBytes(document), declared));
        Assert.Equal(ImageErrorKind.DataLoss, e.Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"layers":[]} {}""")]
    [InlineData("<html></html>")]
    [InlineData("""{"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}""")]
    public void What_is_no_json_object_is_corrupt(string document)
    {
        ImageException e = Assert.Throws<ImageException>(() => ManifestShape.MediaTypeOf(Encoding.UTF8.GetBytes(document), null));
        Assert.Equal(ImageErrorKind.DataLoss, e.Kind);
    }

    [Fact]
    public void Text_that_is_not_utf8_is_corrupt()
    {
        byte[] document = [.. "{\"mediaType\":\""u8, 0xff, 0xfe, .. "\",\"layers\":[]}"u8];
        Assert.Equal(ImageErrorKind.DataLoss, Assert.Throws<ImageException>(() => ManifestShape.MediaTypeOf(document, null)).Kind);
    }

    [Theory]
    [InlineData("""{"schemaVersion":1,"fsLayers":[],"history":[]}""", "application/json")]
    [InlineData("""{"schemaVersion":2,"layers":[]}""", "application/vnd.docker.distribution.manifest.v1+prettyjws")]
    public void Schema_1_is_refused_with_what_to_do(string document, string declared)
    {
        ImageException e = Assert.Throws<ImageException>(() => ManifestShape.MediaTypeOf(Encoding.UTF8.GetBytes(document), declared));
        Assert.Equal(ImageErrorKind.Unsupported, e.Kind);
        Assert.Contains("push the image again", e.Message);
    }
}
