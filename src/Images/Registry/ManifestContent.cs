using CriRuntime.Images.Manifests;

namespace CriRuntime.Images.Registry;

/// <summary>A manifest or index as it was served, byte for byte, with its verified digest, size and media type.</summary>
public sealed record ManifestContent(Descriptor Descriptor, ReadOnlyMemory<byte> Bytes);
