using CriRuntime.Images.References;

namespace CriRuntime.Images.Layers;

/// <summary>What became of a layer: the digest of its tar, and what it takes on disk.</summary>
/// <param name="DiffId">The sha256 of the uncompressed tar.</param>
/// <param name="UsedBytes">Disk space of files and directories, in bytes, rounded up to blocks of 4 KiB each.</param>
/// <param name="Inodes">Files, directories, links and devices made.</param>
/// <param name="HasRootEntry">The layer says what owner and mode its root directory has.</param>
/// <param name="ImpliedDirectories">Directories that no entry names, in Latin-1; made as root:root 0755.</param>
public sealed record UnpackedLayer(Digest DiffId, long UsedBytes, long Inodes, bool HasRootEntry, IReadOnlyList<string> ImpliedDirectories);
