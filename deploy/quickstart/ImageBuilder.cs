using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace CriRuntime.Quickstart;

/// <summary>Builds a one-layer OCI image from files, with no other tool.</summary>
internal sealed class ImageBuilder : IDisposable
{
    private const UnixFileMode DirectoryMode = (UnixFileMode)0b111_101_101;

    private readonly MemoryStream _layer = new();
    private readonly TarWriter _tar;

    internal ImageBuilder() => _tar = new TarWriter(_layer, TarEntryFormat.Pax, leaveOpen: true);

    internal void AddDirectory(string path, UnixFileMode mode = DirectoryMode) =>
        _tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, path + "/") { Mode = mode });

    internal void AddLink(string path, string target) =>
        _tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, path) { LinkName = target });

    internal void AddFile(string path, byte[] content, UnixFileMode mode = (UnixFileMode)0b110_100_100) =>
        _tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path) { Mode = mode, DataStream = new MemoryStream(content) });

    internal void AddFile(string path, string text) => AddFile(path, Encoding.UTF8.GetBytes(text));

    internal void AddProgram(string path, byte[] content) => AddFile(path, content, DirectoryMode);

    /// <summary>Finishes the image; nothing can be added afterwards.</summary>
    /// <param name="config">The image configuration's <c>config</c> object (Env, Cmd, ...).</param>
    internal OciImage Build(JsonObject config)
    {
        _tar.Dispose();
        byte[] plain = _layer.ToArray();
        byte[] layer = Gzip(plain);
        byte[] imageConfig = OciImage.Json(new JsonObject
        {
            ["architecture"] = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
            ["os"] = "linux",
            ["config"] = config,
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(OciImage.Digest(plain)) },
        });
        byte[] manifest = OciImage.Json(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = OciImage.ManifestType,
            ["config"] = OciImage.Descriptor("application/vnd.oci.image.config.v1+json", imageConfig),
            ["layers"] = new JsonArray(OciImage.Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer)),
        });
        return new OciImage(imageConfig, layer, manifest);
    }

    public void Dispose()
    {
        _tar.Dispose();
        _layer.Dispose();
    }

    private static byte[] Gzip(byte[] plain)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.Fastest))
            gzip.Write(plain);
        return compressed.ToArray();
    }
}
