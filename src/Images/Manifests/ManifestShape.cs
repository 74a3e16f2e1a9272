using System.Text.Json;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Manifests;

/// <summary>
/// Decides what a document is before it is read as that. A document that one client could take for an index and
/// another for an image (CVE-2021-41190) is refused, whichever its media type says.
/// </summary>
public static class ManifestShape
{
    private static readonly string[] Telling = ["mediaType", "schemaVersion", "manifests", "layers", "config", "fsLayers"];

    /// <summary>
    /// The media type of a manifest or index.
    /// </summary>
    /// <param name="document">The JSON text.</param>
    /// <param name="declared">What its descriptor or Content-Type says; null or a type that is no manifest's when nothing does.</param>
    /// <exception cref="ImageException">Unsupported: schema 1, or neither of the two. DataLoss: ambiguous or broken.</exception>
    public static string MediaTypeOf(ReadOnlySpan<byte> document, string? declared)
    {
        if (declared is not null && MediaTypes.IsSchema1(declared))
            throw Schema1();
        (HashSet<string> members, string? stated, int version) = ReadMembers(document);
        if (members.Contains("fsLayers") || version == 1)
            throw Schema1();
        bool isIndex = members.Contains("manifests");
        if (isIndex && (members.Contains("layers") || members.Contains("config")))
            throw Broken("the manifest is ambiguous: it has the members of an index and of an image");
        if (!isIndex && !members.Contains("layers"))
            throw new ImageException(ImageErrorKind.Unsupported, "the document is neither an image manifest nor an index");
        return Agreed(stated, IsKnown(declared) ? declared : null, isIndex);
    }

    private static string Agreed(string? stated, string? declared, bool isIndex)
    {
        if (stated is not null && declared is not null && stated != declared)
            throw Broken($"the manifest says it is {Quoted.Name(stated)} but was served as {Quoted.Name(declared)}");
        string type = stated ?? declared ?? (isIndex ? MediaTypes.OciIndex : MediaTypes.OciManifest);
        if (!IsKnown(type))
            throw new ImageException(ImageErrorKind.Unsupported, $"the manifest has the unknown media type {Quoted.Name(type)}");
        if (MediaTypes.IsIndex(type) != isIndex)
            throw Broken($"the manifest is ambiguous: it is {(isIndex ? "an index" : "an image")} by its members but has the type {type}");
        return type;
    }

    private static (HashSet<string> Members, string? MediaType, int Version) ReadMembers(ReadOnlySpan<byte> document)
    {
        try
        {
            return ScanMembers(document);
        }
        catch (JsonException e)
        {
            throw Broken($"the manifest is not valid JSON: {Quoted.Text(e.Message, 200)}");
        }
        catch (InvalidOperationException)
        {
            throw Broken("the manifest is not valid JSON: a text in it is not UTF-8");
        }
    }

    private static (HashSet<string> Members, string? MediaType, int Version) ScanMembers(ReadOnlySpan<byte> document)
    {
        HashSet<string> members = [];
        string? mediaType = null;
        int version = 0;
        Utf8JsonReader json = new(document, new JsonReaderOptions { MaxDepth = 32 });
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw Broken("the manifest is not a JSON object");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string? name = Tell(json.GetString()!, members);
            json.Read();
            if (name == "mediaType" && json.TokenType == JsonTokenType.String)
                mediaType = json.GetString();
            if (name == "schemaVersion" && json.TokenType == JsonTokenType.Number && json.TryGetInt32(out int number))
                version = number;
            json.Skip();
        }
        // Reads what follows the object, which must be nothing.
        json.Read();
        return (members, string.IsNullOrEmpty(mediaType) ? null : mediaType, version);
    }

    /// <summary>Notes a member that tells the kind of document; twice, or in other letter case, it is a trick.</summary>
    private static string? Tell(string name, HashSet<string> members)
    {
        foreach (string telling in Telling)
        {
            if (!telling.Equals(name, StringComparison.OrdinalIgnoreCase))
                continue;
            if (telling != name || !members.Add(name))
                throw Broken($"the manifest is ambiguous: its member {telling} stands there twice or in other letter case");
            return telling;
        }
        return null;
    }

    private static bool IsKnown(string? type) => type is not null && (MediaTypes.IsIndex(type) || MediaTypes.IsManifest(type));

    private static ImageException Broken(string message) => new(ImageErrorKind.DataLoss, message);

    private static ImageException Schema1() => new(
        ImageErrorKind.Unsupported,
        "it is a Docker schema 1 manifest, which is obsolete and not supported: push the image again with a current tool");
}
