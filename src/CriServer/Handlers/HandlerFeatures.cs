using System.Text.Json;

namespace CriRuntime.CriServer.Handlers;

/// <summary>What a handler can, as Status tells the kubelet.</summary>
public sealed record HandlerFeatures(bool RecursiveReadOnlyMounts, bool UserNamespaces)
{
    /// <summary>Of a binary that does not say.</summary>
    public static HandlerFeatures None { get; } = new(false, false);

    /// <summary>
    /// Reads what <c>BINARY features</c> prints (OCI runtime specification, features.md). A binary gets a root that is mounted already, without mapped ids, so pods
    /// with user namespaces are not for it, whatever it says of itself.
    /// </summary>
    /// <exception cref="JsonException">It is no such document.</exception>
    public static HandlerFeatures Parse(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new JsonException("it is not a JSON object");
        bool recursive = document.RootElement.TryGetProperty("mountOptions", out JsonElement options)
            && options.ValueKind == JsonValueKind.Array
            && options.EnumerateArray().Any(static option => option.ValueKind == JsonValueKind.String && option.ValueEquals("rro"u8));
        return new HandlerFeatures(recursive, UserNamespaces: false);
    }
}
