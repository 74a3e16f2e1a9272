namespace CriRuntime.Images.Registry;

/// <summary>One base URL that may serve a repository: the registry itself or a mirror of it.</summary>
/// <param name="Root">Ends in <c>/v2/</c>.</param>
/// <param name="IsMirror">Sent no credentials but those that name it, and allowed to fail.</param>
internal sealed record RegistryEndpoint(Uri Root, bool IsMirror)
{
    public string Host => Root.Authority;

    public bool IsPlainHttp => Root.Scheme == Uri.UriSchemeHttp;
}
