using System.Text.Json;

namespace CriRuntime.CriServer.Handlers;

/// <summary>What a handler can, as Status tells the kubelet.</summary>
public sealed record HandlerFeatures(bool RecursiveReadOnlyMounts, bool UserNamespaces)
{
    /// <summary>Of a binary that does not say.</summary>
    public static HandlerFeatures None { get; } = new(false, false);

    /// <summary>It sets <c>linux.memoryPolicy</c>.</summary>
    public bool MemoryPolicies { get; init; }

    /// <summary>It acts on <c>linux.intelRdt</c>.</summary>
    public bool IntelRdt { get; init; }

    /// <summary>It moves <c>linux.netDevices</c>.</summary>
    public bool NetDevices { get; init; }

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
        JsonElement root = document.RootElement;
        bool recursive = root.TryGetProperty("mountOptions", out JsonElement options)
            && options.ValueKind == JsonValueKind.Array
            && options.EnumerateArray().Any(static option => option.ValueKind == JsonValueKind.String && option.ValueEquals("rro"u8));
        JsonElement linux = Section(root, "linux") ?? default;
        return new HandlerFeatures(recursive, UserNamespaces: false)
        {
            MemoryPolicies = Section(linux, "memoryPolicy") is not null,
            IntelRdt = IsEnabled(linux, "intelRdt"),
            NetDevices = IsEnabled(linux, "netDevices"),
        };
    }

    private static JsonElement? Section(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement section) && section.ValueKind == JsonValueKind.Object ? section : null;

    private static bool IsEnabled(JsonElement linux, string name) =>
        Section(linux, name) is { } section && section.TryGetProperty("enabled", out JsonElement enabled) && enabled.ValueKind == JsonValueKind.True;
}
