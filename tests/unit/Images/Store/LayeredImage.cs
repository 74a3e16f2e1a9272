using System.Text;
using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;
using CriRuntime.Images.Tests.Layers;

namespace CriRuntime.Images.Tests.Store;

/// <summary>An image of real layers, and all of its documents by digest.</summary>
internal sealed class LayeredImage
{
    public LayeredImage(params TarBuilder[] layers)
        : this("{}", [.. layers.Select(l => l.ToArray())])
    {
    }

    public LayeredImage(string config, byte[][] tars, byte[][]? diffTars = null)
    {
        byte[][] blobs = [.. tars.Select(TarBuilder.Gzip)];
        LayerDigests = [.. blobs.Select(b => Add(b))];
        DiffIds = [.. (diffTars ?? tars).Select(t => Digest.Sha256(t))];
        string diffIds = string.Join(',', DiffIds.Select(d => $"\"{d}\""));
        byte[] configBytes = Encoding.UTF8.GetBytes(
            $$$"""{"os":"linux","architecture":"amd64","config":{{{config}}},"rootfs":{"type":"layers","diff_ids":[{{{diffIds}}}]}}""");
        ConfigDigest = Add(configBytes);
        string descriptors = string.Join(',', blobs.Select(b => Describe(MediaTypes.OciLayerGzip, b)));
        Manifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{Describe(MediaTypes.OciConfig, configBytes)}},"layers":[{{descriptors}}]}""");
        ManifestDigest = Add(Manifest);
        Size = configBytes.Length + blobs.Sum(b => (long)b.Length);
    }

    public Dictionary<Digest, byte[]> Blobs { get; } = [];

    public IReadOnlyList<Digest> LayerDigests { get; }

    public IReadOnlyList<Digest> DiffIds { get; }

    public Digest ConfigDigest { get; }

    public byte[] Manifest { get; }

    public Digest ManifestDigest { get; }

    public long Size { get; }

    public static string Describe(string mediaType, byte[] content) =>
        $$"""{"mediaType":"{{mediaType}}","digest":"{{Digest.Sha256(content)}}","size":{{content.Length}}}""";

    private Digest Add(byte[] content)
    {
        Digest digest = Digest.Sha256(content);
        Blobs[digest] = content;
        return digest;
    }
}
