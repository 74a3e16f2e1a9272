using System.Net.Http.Headers;
using CriRuntime.Images.Manifests;
using CriRuntime.Images.Registry.Http;

namespace CriRuntime.Images.Registry.Blobs;

/// <summary>An open response that brings a blob's bytes from <see cref="Start"/> on.</summary>
internal sealed class BlobBody : IAsyncDisposable
{
    private readonly RegistryResponse _response;

    private readonly Action _distrust;

    private BlobBody(RegistryResponse response, Stream content, long start, Action distrust)
    {
        _distrust = distrust;
        _response = response;
        Content = content;
        Start = start;
    }

    public Stream Content { get; }

    /// <summary>The first byte's offset: 0 when a server ignored the range asked for.</summary>
    public long Start { get; }

    public string Host => _response.Host;

    /// <summary>The connection broke more than once without progress: another endpoint, if there is one, should serve the blob.</summary>
    public void Distrust() => _distrust();

    /// <summary>Checks that the response can be the blob, by its headers; owns the response.</summary>
    public static async Task<BlobBody> OpenAsync(
        RegistryResponse response, Descriptor blob, long offset, Action distrust, CancellationToken cancellationToken)
    {
        try
        {
            long start = StartOf(response, blob, offset);
            if (response.Message.Content.Headers.ContentLength is { } length && length != blob.Size - start)
                throw new ImageException(
                    ImageErrorKind.DataLoss,
                    $"{response.Host} offers {start + length} bytes, but its descriptor says {blob.Size}");
            Stream content = await response.Message.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            return new BlobBody(response, content, start, distrust);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Content.DisposeAsync().ConfigureAwait(false);
        _response.Dispose();
    }

    private static long StartOf(RegistryResponse response, Descriptor blob, long offset)
    {
        if (response.Status == 200)
            return 0;
        ContentRangeHeaderValue? range = response.Message.Content.Headers.ContentRange;
        bool asAsked = response.Status == 206 && range is { Unit: "bytes", HasRange: true }
            && range.From == offset && range.To == blob.Size - 1 && (range.Length ?? blob.Size) == blob.Size;
        return asAsked ? offset : throw new RegistryAttemptException(
            ImageErrorKind.DataLoss, $"{response.Host} answered {response.Status} with a range that was not asked for")
        {
            Transient = true,
        };
    }
}
