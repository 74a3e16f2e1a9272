using CriRuntime.Images.References;
using CriRuntime.Images.Registry;
using CriRuntime.Images.Store;
using CriRuntime.Tracing;

namespace CriRuntime.Images;

/// <summary>Pulling.</summary>
public sealed partial class ImageStore
{
    /// <summary>
    /// Fetches an image and returns it complete. Pulls of the same reference with the same credentials are one; a layer that several images want
    /// is fetched once. A caller that cancels disturbs no other.
    /// </summary>
    /// <exception cref="ImageException">With the kind that fits; nothing is kept of the image then, but whole layers, which the next try uses.</exception>
    public Task<Image> PullAsync(string reference, RegistryCredentials? auth, CancellationToken cancellationToken)
    {
        Reference parsed = Reference.Parse(reference);
        Spans.Tag("container.image.name", parsed.ToString());
        RegistryCredentials? credentials = auth is { IsEmpty: false } ? auth : null;
        return _pulls.RunAsync((parsed.ToString(), credentials), token => PullAsync(parsed, credentials, token), cancellationToken);
    }

    private Task<Image> PullAsync(Reference reference, RegistryCredentials? credentials, CancellationToken cancellationToken)
    {
        IBlobSource source = _openSource(reference, credentials);
        return _puller.PullAsync(source, resolved => ImageNames.Of(reference, resolved), cancellationToken);
    }
}
