using System.Text.Json.Serialization;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Store;

/// <summary>
/// The file <c>images/&lt;hex of the id&gt;.json</c>: the image exists when it does. A name that two records claim, as after a crash between moving it to one and taking
/// it from the other, belongs to the higher revision.
/// </summary>
internal sealed record ImageRecord
{
    public const int CurrentVersion = 1;

    public required int Version { get; init; }

    public required Digest Id { get; init; }

    /// <summary>Counts all changes of the store's records.</summary>
    public required long Revision { get; init; }

    public required IReadOnlyList<string> RepoTags { get; init; }

    public required IReadOnlyList<string> RepoDigests { get; init; }

    public required Digest Manifest { get; init; }

    /// <summary>Indexes that led to the manifest; kept beside it.</summary>
    public required IReadOnlyList<Digest> Indexes { get; init; }

    public required long Size { get; init; }

    public required DateTimeOffset LoadedAt { get; init; }
}

/// <summary>The file <c>layers/&lt;hex of the diff id&gt;.json</c>: written after the layer's directory <c>l/&lt;name&gt;</c> is complete and on disk.</summary>
internal sealed record LayerRecord
{
    public const int CurrentVersion = 1;

    public required int Version { get; init; }

    public required Digest DiffId { get; init; }

    /// <summary>Short, because the kernel wants all of an overlay's lower directories on one page.</summary>
    public required string Name { get; init; }

    public required long UsedBytes { get; init; }

    public required long Inodes { get; init; }

    public required bool HasRootEntry { get; init; }

    /// <summary>Directories (in Latin-1) whose attributes are still to be taken from the layers below: see <see cref="ImpliedDirectories"/>.</summary>
    public required IReadOnlyList<string> ImpliedDirectories { get; init; }
}

/// <summary>The file <c>layers</c> of a snapshot: what it holds on to, bottom first.</summary>
internal sealed record SnapshotRecord
{
    public const int CurrentVersion = 1;

    public required int Version { get; init; }

    public required string ImageId { get; init; }

    public required IReadOnlyList<Digest> DiffIds { get; init; }

    /// <summary>
    /// The layers' directories below <c>l/</c>, bottom first: what a running container has mounted, whatever becomes of the layers' records. Null in records of
    /// earlier programs.
    /// </summary>
    public IReadOnlyList<string>? Directories { get; init; }

    /// <summary>Images that the container mounts besides; null in records of earlier programs, and where there are none.</summary>
    public IReadOnlyList<HeldImageRecord>? Volumes { get; init; }
}

/// <summary>An image of which a snapshot holds the layers.</summary>
/// <param name="DiffIds">Bottom first.</param>
/// <param name="Directories">As in <see cref="SnapshotRecord"/>.</param>
internal sealed record HeldImageRecord(string ImageId, IReadOnlyList<Digest> DiffIds, IReadOnlyList<string>? Directories = null);

/// <summary>Source-generated JSON of the store's own files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, MaxDepth = 16)]
[JsonSerializable(typeof(ImageRecord))]
[JsonSerializable(typeof(LayerRecord))]
[JsonSerializable(typeof(SnapshotRecord))]
internal sealed partial class StoreJson : JsonSerializerContext;
