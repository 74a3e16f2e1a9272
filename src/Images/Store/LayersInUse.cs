using CriRuntime.Images.References;

namespace CriRuntime.Images.Store;

/// <summary>What must not be discarded.</summary>
/// <param name="DiffIds">Layers of images.</param>
/// <param name="Directories">Directories below <c>l/</c> that snapshots use. Null while of a snapshot it is not known: it may use any.</param>
internal sealed record LayersInUse(IReadOnlySet<Digest> DiffIds, IReadOnlySet<string>? Directories);
