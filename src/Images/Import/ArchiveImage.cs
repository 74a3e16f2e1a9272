using CriRuntime.Images.Registry;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Import;

/// <summary>An image found in an archive: where it starts, and what the archive calls it.</summary>
/// <param name="HasRegistryDigest">The manifest is one that a registry could have, so that <c>name@digest</c> means something.</param>
internal sealed record ArchiveImage(ManifestContent Root, IReadOnlyList<Reference> Names, bool HasRegistryDigest);
