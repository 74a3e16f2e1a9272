using CriRuntime.Images.References;

namespace CriRuntime.Images.Store;

/// <summary>An unpacked layer. <c>Name</c> is its directory below <c>l/</c>.</summary>
internal sealed record Layer(Digest DiffId, string Name, long UsedBytes, long Inodes, bool HasRootEntry, IReadOnlyList<string> ImpliedDirectories)
{
    public static Layer Of(LayerRecord record) =>
        new(record.DiffId, record.Name, record.UsedBytes, record.Inodes, record.HasRootEntry, record.ImpliedDirectories);

    public LayerRecord ToRecord() => new()
    {
        Version = LayerRecord.CurrentVersion,
        DiffId = DiffId,
        Name = Name,
        UsedBytes = UsedBytes,
        Inodes = Inodes,
        HasRootEntry = HasRootEntry,
        ImpliedDirectories = ImpliedDirectories,
    };
}
