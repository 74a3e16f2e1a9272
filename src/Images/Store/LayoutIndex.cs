using System.Text.Json;
using CriRuntime.Images.Content;
using CriRuntime.Images.Manifests;
using CriRuntime.Linux;

namespace CriRuntime.Images.Store;

/// <summary>
/// The layout's <c>index.json</c> (image-layout.md): derived from the records for tools that read OCI layouts, never read here.
/// </summary>
internal static class LayoutIndex
{
    private const string RefName = "org.opencontainers.image.ref.name";

    public static void Write(DirectoryFd root, IReadOnlyList<Image> images, ContentStore content)
    {
        var index = new ImageIndex
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.OciIndex,
            Manifests = [.. images.SelectMany(i => Describe(i, content))],
        };
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(index, ManifestJson.Default.ImageIndex);
        if (DurableFile.TryRead(root, "index.json", 64 << 20) is not { } old || !old.AsSpan().SequenceEqual(json))
        {
            DurableFile.Write(root, "index.json", json);
        }
    }

    private static IEnumerable<Descriptor> Describe(Image image, ContentStore content)
    {
        if (content.TryRead(image.ManifestDigest) is not { } manifest)
        {
            return [];
        }

        var descriptor = new Descriptor(ManifestShape.MediaTypeOf(manifest, null), image.ManifestDigest, manifest.Length);
        return image.RepoTags.Count == 0
            ? [descriptor]
            : image.RepoTags.Select(t => descriptor with { Annotations = new Dictionary<string, string> { [RefName] = t } });
    }
}
