using CriRuntime.Images.References;

namespace CriRuntime.Images.Store;

/// <summary>An unpacked layer. <c>Name</c> is its directory below <c>l/</c>.</summary>
internal sealed record Layer(Digest DiffId, string Name, long UsedBytes, long Inodes, bool HasRootEntry);
