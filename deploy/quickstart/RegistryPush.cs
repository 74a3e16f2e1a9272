namespace CriRuntime.Quickstart;

/// <summary>Uploads to a plain-HTTP registry, e.g. Debian's docker-registry on loopback (OCI distribution-spec, "Push").</summary>
/// <param name="host">host:port.</param>
internal sealed class RegistryPush(string host) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri($"http://{host}") };

    /// <summary>Uploads a one-layer image under a tag.</summary>
    internal async Task ImageAsync(string repository, string tag, OciImage image)
    {
        await BlobAsync(repository, image.Layer);
        await BlobAsync(repository, image.Config);
        await ManifestAsync(repository, tag, OciImage.ManifestType, image.Manifest);
    }

    internal Task BlobAsync(string repository, byte[] blob) => BlobAsync(repository, OciImage.Digest(blob), blob);

    /// <summary>Uploads a blob in one piece (distribution-spec, "POST then PUT").</summary>
    /// <exception cref="HttpRequestException">The registry refused it.</exception>
    internal async Task BlobAsync(string repository, string digest, byte[] blob)
    {
        using HttpResponseMessage begun = await _http.PostAsync(new Uri($"/v2/{repository}/blobs/uploads/", UriKind.Relative), null);
        begun.EnsureSuccessStatusCode();
        UriBuilder location = new(new Uri(_http.BaseAddress!, begun.Headers.Location!));
        location.Query = location.Query.TrimStart('?') + "&digest=" + Uri.EscapeDataString(digest);
        using HttpResponseMessage put = await PutAsync(location.Uri, "application/octet-stream", blob);
        await RequireSuccessAsync(put, $"blob {digest}");
    }

    /// <exception cref="HttpRequestException">The registry refused it; the message has its answer.</exception>
    internal async Task ManifestAsync(string repository, string tag, string mediaType, byte[] manifest)
    {
        using HttpResponseMessage put = await PutAsync(new Uri($"/v2/{repository}/manifests/{tag}", UriKind.Relative), mediaType, manifest);
        await RequireSuccessAsync(put, $"manifest {repository}:{tag}");
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> PutAsync(Uri uri, string mediaType, byte[] body)
    {
        using ByteArrayContent content = new(body);
        content.Headers.ContentType = new(mediaType);
        return await _http.PutAsync(uri, content);
    }

    private static async Task RequireSuccessAsync(HttpResponseMessage response, string what)
    {
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException($"pushing {what}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}", null, response.StatusCode);
    }
}
