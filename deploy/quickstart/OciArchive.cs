using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace CriRuntime.Quickstart;

/// <summary>
/// Builds a one-layer image from files and writes it as an OCI archive: an image layout
/// (image-spec, image-layout.md) in a tar file. Needs no other tool.
/// </summary>
public sealed class OciArchive
{
    private readonly MemoryStream _layer = new();
    private readonly TarWriter _tar;

    public OciArchive() => _tar = new TarWriter(_layer, TarEntryFormat.Pax, leaveOpen: true);

    public void AddDirectory(string path, int mode = 0b111_101_101) =>
        _tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, path + "/") { Mode = (UnixFileMode)mode });

    public void AddLink(string path, string target) =>
        _tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, path) { LinkName = target });

    public void AddFile(string path, byte[] content, bool executable = false) =>
        _tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path)
        {
            Mode = (UnixFileMode)(executable ? 0b111_101_101 : 0b110_100_100),
            DataStream = new MemoryStream(content),
        });

    public void AddFile(string path, string text) => AddFile(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes the archive; nothing can be added afterwards.</summary>
    /// <param name="file">The tar file to make or replace.</param>
    /// <param name="name">The image's name, e.g. <c>localhost/demo:1</c>.</param>
    /// <param name="config">The image configuration's <c>config</c> object (Env, Cmd, ...).</param>
    public void Write(string file, string name, JsonObject config)
    {
        _tar.Dispose();
        byte[] plain = _layer.ToArray();
        byte[] layer = Gzip(plain);
        byte[] imageConfig = Json(new JsonObject
        {
            ["architecture"] = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
            ["os"] = "linux",
            ["config"] = config,
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(Digest(plain)) },
        });
        byte[] manifest = Json(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
            ["config"] = Descriptor("application/vnd.oci.image.config.v1+json", imageConfig),
            ["layers"] = new JsonArray(Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer)),
        });
        JsonObject named = Descriptor("application/vnd.oci.image.manifest.v1+json", manifest);
        named["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = name };

        using FileStream output = File.Create(file);
        using TarWriter archive = new(output, TarEntryFormat.Pax);
        WriteEntry(archive, "oci-layout", Json(new JsonObject { ["imageLayoutVersion"] = "1.0.0" }));
        foreach (byte[] blob in new[] { layer, imageConfig, manifest })
            WriteEntry(archive, "blobs/sha256/" + Digest(blob)["sha256:".Length..], blob);
        WriteEntry(archive, "index.json", Json(new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(named) }));
    }

    private static void WriteEntry(TarWriter archive, string name, byte[] content) =>
        archive.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });

    private static JsonObject Descriptor(string mediaType, byte[] blob) =>
        new() { ["mediaType"] = mediaType, ["digest"] = Digest(blob), ["size"] = blob.Length };

    private static string Digest(byte[] blob) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(blob));

    private static byte[] Json(JsonObject document) => Encoding.UTF8.GetBytes(document.ToJsonString());

    private static byte[] Gzip(byte[] plain)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.Fastest))
            gzip.Write(plain);
        return compressed.ToArray();
    }
}
