using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;
using CriRuntime.Images.Registry.Blobs;
using CriRuntime.Images.Registry.Http;

namespace CriRuntime.Images.Registry;

/// <summary>
/// One image's repository during one pull. Each request goes to the mirrors in their order and to the registry
/// itself last; what is reported names the registry of the reference. Safe for concurrent use.
/// </summary>
public sealed class RegistryRepository : IBlobSource
{
    private readonly EndpointSession[] _sessions;
    private readonly RegistryOptions _options;
    private readonly IRegistryObserver _observer;

    internal RegistryRepository(
        Reference image, RegistryCredentials? credentials, IReadOnlyList<RegistryEndpoint> endpoints,
        RegistryTransports transports, RegistryOptions options, IRegistryObserver observer)
    {
        Image = image;
        _options = options;
        _observer = observer;
        _sessions = [.. endpoints.Select(e => new EndpointSession(e, image, credentials, transports, options, observer))];
    }

    /// <summary>The reference that the repository was opened for.</summary>
    public Reference Image { get; }

    /// <inheritdoc/>
    public Task<ManifestContent> FetchManifestAsync(Digest? digest, CancellationToken cancellationToken)
    {
        Digest? wanted = digest ?? Image.Digest;
        string name = wanted?.ToString() ?? Image.Tag!;
        return AskAsync(
            new RepositoryPath($"manifests/{name}") { Accept = ManifestAnswer.Accepted },
            $"manifest {name}",
            (_, response, token) => ManifestAnswer.ReadAsync(response, wanted, _options.MaxManifestSize, token),
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, blob.Size);
        if (blob.Size > _options.MaxBlobSize)
            throw new ImageException(
                ImageErrorKind.ResourceExhausted,
                $"image {Image}: blob {blob.Digest} has {blob.Size} bytes; the limit is {_options.MaxBlobSize}");
        BlobStream stream = new(Image.ToString(), blob, offset, OpenBodyAsync, _options, _observer);
        try
        {
            await stream.ConnectAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        return offset == 0 ? new VerifyingStream(stream, blob) : stream;
    }

    private Task<BlobBody> OpenBodyAsync(Descriptor blob, long offset, CancellationToken cancellationToken) => AskAsync(
        new RepositoryPath($"blobs/{blob.Digest}") { Offset = offset },
        $"blob {blob.Digest}",
        (session, response, token) => BlobBody.OpenAsync(response, blob, offset, session.GiveUp, token),
        cancellationToken);

    private async Task<T> AskAsync<T>(
        RepositoryPath path, string what, Func<EndpointSession, RegistryResponse, CancellationToken, Task<T>> accept,
        CancellationToken cancellationToken)
    {
        List<string> mirrors = [];
        RegistryAttemptException? last = null;
        foreach (EndpointSession session in _sessions)
        {
            if (session.GivenUp)
                continue;
            try
            {
                return await session.GetAsync(
                    path, (response, token) => accept(session, response, token), cancellationToken).ConfigureAwait(false);
            }
            catch (RegistryAttemptException e) when (session.Endpoint.IsMirror)
            {
                last = e;
                mirrors.Add($"mirror {e.Message}");
                _observer.MirrorFailed(Image.ToString(), session.Endpoint.Host, e.Message);
                if (e.Kind is ImageErrorKind.Unavailable or ImageErrorKind.Unauthorized)
                    session.GiveUp();
            }
            catch (RegistryAttemptException e)
            {
                throw Failed(what, e, mirrors);
            }
        }

        // Only mirrors may be asked (mirrorsOnly), and none served it.
        if (last is null)
            throw new ImageException(ImageErrorKind.Unavailable, $"image {Image}: {what}: every mirror failed before, and the registry itself must not be asked (mirrorsOnly)");
        mirrors.RemoveAt(mirrors.Count - 1);
        throw Failed(what, last, mirrors);
    }

    private ImageException Failed(string what, RegistryAttemptException e, List<string> mirrors)
    {
        string tried = mirrors.Count == 0 ? "" : $" (before it: {string.Join("; ", mirrors)})";
        string subject = e.Kind switch
        {
            ImageErrorKind.Unauthorized => $"pull access denied for {Image}",
            ImageErrorKind.NotFound => $"image {Image}: {what} not found",
            _ => $"image {Image}: {what}",
        };
        return new ImageException(e.Kind, $"{subject}: {e.Message}{tried}", e.InnerException);
    }
}
