using CriRuntime.Images.References;

namespace CriRuntime.Images.Registry;

/// <summary>URLs fit for a message: signatures and tokens travel in queries and user-infos, so those never show.</summary>
internal static class RedactedUri
{
    /// <summary>Scheme, host and path.</summary>
    public static string Of(Uri uri) => uri.IsAbsoluteUri
        ? Quoted.Text(uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped), 256)
        : "a relative URL";

    public static string Of(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) ? Of(uri) : "text that is no URL";
}
