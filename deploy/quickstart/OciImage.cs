using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace CriRuntime.Quickstart;

/// <summary>A one-layer image as its three blobs (OCI image-spec, manifest.md).</summary>
internal sealed record OciImage(byte[] Config, byte[] Layer, byte[] Manifest)
{
    internal const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>The image id that the CRI reports.</summary>
    internal string Id => Digest(Config);

    /// <summary>Writes an image layout in a tar file (image-spec, image-layout.md).</summary>
    /// <param name="name">The image's name, e.g. <c>localhost/demo:1</c>.</param>
    internal void WriteArchive(string file, string name)
    {
        JsonObject named = Descriptor(ManifestType, Manifest);
        named["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = name };

        using FileStream output = File.Create(file);
        using TarWriter archive = new(output, TarEntryFormat.Pax);
        WriteEntry(archive, "oci-layout", Json(new JsonObject { ["imageLayoutVersion"] = "1.0.0" }));
        foreach (byte[] blob in new[] { Layer, Config, Manifest })
            WriteEntry(archive, "blobs/sha256/" + Digest(blob)["sha256:".Length..], blob);
        WriteEntry(archive, "index.json", Json(new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(named) }));
    }

    internal static JsonObject Descriptor(string mediaType, byte[] blob) =>
        new() { ["mediaType"] = mediaType, ["digest"] = Digest(blob), ["size"] = blob.Length };

    internal static string Digest(byte[] blob) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(blob));

    internal static byte[] Json(JsonObject document) => Encoding.UTF8.GetBytes(document.ToJsonString());

    private static void WriteEntry(TarWriter archive, string name, byte[] content) =>
        archive.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
}
