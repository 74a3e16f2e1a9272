using System.Text.Json;
using System.Text.Json.Serialization;
using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Import;

/// <summary>Reads the <c>manifest.json</c> that <c>docker save</c> writes; an image manifest is made of each entry.</summary>
internal static class DockerArchive
{
    public static async Task<IReadOnlyList<ArchiveImage>> ReadAsync(ArchiveFiles files, ArchiveFile manifestFile, CancellationToken cancellationToken)
    {
        byte[] bytes = await files.ReadAsync(manifestFile, cancellationToken).ConfigureAwait(false);
        try
        {
            DockerArchiveEntry[] entries = JsonSerializer.Deserialize(bytes, DockerArchiveJson.Default.DockerArchiveEntryArray) ?? [];
            return [.. entries.Select(e => Read(files, e))];
        }
        catch (JsonException e)
        {
            throw new ImageException(ImageErrorKind.DataLoss, $"the archive's manifest.json is malformed: {Quoted.Text(e.Message, 300)}", e);
        }
    }

    private static ArchiveImage Read(ArchiveFiles files, DockerArchiveEntry entry)
    {
        var manifest = new ImageManifest
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.OciManifest,
            Config = Describe(files, entry.Config, MediaTypes.OciConfig),
            Layers = [.. entry.Layers.Select(l => Describe(files, l, MediaTypes.OciLayer))],
        };
        byte[] document = JsonSerializer.SerializeToUtf8Bytes(manifest, ManifestJson.Default.ImageManifest);
        List<Reference> names = [.. (entry.RepoTags ?? []).Select(Reference.Parse)];
        return new ArchiveImage(ArchiveSource.Describe(document, MediaTypes.OciManifest), names, HasRegistryDigest: false);
    }

    private static Descriptor Describe(ArchiveFiles files, string name, string mediaType) => files.Find(name) is { } file
        ? new Descriptor(mediaType, file.Digest, file.Size)
        : throw new ImageException(ImageErrorKind.DataLoss, $"the archive has no file {Quoted.Name(name)}, which its manifest.json names");
}

internal sealed record DockerArchiveEntry(string Config, IReadOnlyList<string>? RepoTags, IReadOnlyList<string> Layers);

[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, MaxDepth = 8)]
[JsonSerializable(typeof(DockerArchiveEntry[]))]
internal sealed partial class DockerArchiveJson : JsonSerializerContext;
