using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;
using CriRuntime.Images.Registry.Http;

namespace CriRuntime.Images.Registry;

/// <summary>Reads a manifest's response and checks it against what was asked for and what the headers say.</summary>
internal static class ManifestAnswer
{
    public static readonly IReadOnlyList<string> Accepted =
        [MediaTypes.OciIndex, MediaTypes.OciManifest, MediaTypes.DockerList, MediaTypes.DockerManifest];

    private const string DigestHeader = "Docker-Content-Digest";

    /// <param name="wanted">The digest asked for; null when a tag was.</param>
    public static async Task<ManifestContent> ReadAsync(
        RegistryResponse response, Digest? wanted, int limit, CancellationToken cancellationToken)
    {
        using RegistryResponse owned = response;
        string? contentType = response.Message.Content.Headers.ContentType?.MediaType;
        CheckContentType(contentType, response.Host);
        byte[] body = await response.ReadBodyAsync(limit, cancellationToken).ConfigureAwait(false)
            ?? throw new ImageException(ImageErrorKind.ResourceExhausted, $"{response.Host} serves a manifest of more than {limit} bytes");
        Digest digest = CheckDigest(response, wanted, body);
        string mediaType = ManifestShape.MediaTypeOf(body, contentType);
        return new ManifestContent(new Descriptor(mediaType, digest, body.Length), body);
    }

    private static Digest CheckDigest(RegistryResponse response, Digest? wanted, byte[] body)
    {
        Digest digest = wanted is null ? Digest.Sha256(body) : wanted.Of(body);
        if (wanted is not null && digest != wanted)
            throw Corrupt(response.Host, digest, wanted, "was asked for");
        bool stated = response.Message.Headers.TryGetValues(DigestHeader, out IEnumerable<string>? values);
        if (stated && Digest.TryParse(values!.FirstOrDefault(), out Digest? header) && header.Of(body) != header)
            throw Corrupt(response.Host, digest, header, $"its {DigestHeader} header says");
        return digest;
    }

    /// <summary>Generic types are let through (static file servers); the document then speaks for itself.</summary>
    private static void CheckContentType(string? type, string host)
    {
        bool fitting = type is null or "application/json" or "application/octet-stream" or "text/plain"
            || type.StartsWith("application/vnd.", StringComparison.OrdinalIgnoreCase);
        if (!fitting)
            throw new ImageException(
                ImageErrorKind.Unavailable, $"{host} answered with {Quoted.Name(type)} instead of a manifest: is it a registry?");
    }

    private static ImageException Corrupt(string host, Digest found, Digest promised, string why) =>
        new(ImageErrorKind.DataLoss, $"{host} served a manifest with the digest {found}, but {promised} {why}");
}
