using System.Text;
using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Tests.Registry;

/// <summary>A small image: a configuration, one layer of random bytes, and the manifest over both.</summary>
internal sealed class TestImage
{
    public TestImage(int layerSize = 1000, string manifestType = MediaTypes.OciManifest)
    {
        ManifestType = manifestType;
        Layer = new byte[layerSize];
        new Random(layerSize).NextBytes(Layer);
        Config = Encoding.UTF8.GetBytes(
            $$$"""{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["{{{Digest.Sha256(Layer)}}}"]}}""");
        Manifest = Encoding.UTF8.GetBytes(
            $$$"""
            {"schemaVersion":2,"mediaType":"{{{manifestType}}}",
            "config":{"mediaType":"{{{MediaTypes.OciConfig}}}","size":{{{Config.Length}}},"digest":"{{{Digest.Sha256(Config)}}}"},
            "layers":[{"mediaType":"{{{MediaTypes.OciLayerGzip}}}","size":{{{Layer.Length}}},"digest":"{{{Digest.Sha256(Layer)}}}"}]}
            """);
    }

    public string ManifestType { get; }

    public byte[] Layer { get; }

    public byte[] Config { get; }

    public byte[] Manifest { get; }

    public Descriptor LayerDescriptor => new(MediaTypes.OciLayerGzip, Digest.Sha256(Layer), Layer.Length);

    public IEnumerable<byte[]> Blobs => [Config, Layer];

    /// <summary>An index with this image for linux/amd64 and an attestation beside it.</summary>
    public byte[] Index() => Encoding.UTF8.GetBytes(
        $$$"""
        {"schemaVersion":2,"mediaType":"{{{MediaTypes.OciIndex}}}","manifests":[
        {"mediaType":"{{{MediaTypes.OciManifest}}}","size":9,"digest":"{{{Digest.Sha256("attest"u8)}}}","platform":{"os":"unknown","architecture":"unknown"}},
        {"mediaType":"{{{ManifestType}}}","size":{{{Manifest.Length}}},"digest":"{{{Digest.Sha256(Manifest)}}}","platform":{"os":"linux","architecture":"amd64"}}]}
        """);
}
