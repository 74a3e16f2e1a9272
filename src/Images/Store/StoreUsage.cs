namespace CriRuntime.Images;

/// <summary>
/// What the store takes on disk, in bytes and inodes: unpacked layers, and the writable layers of containers.
/// </summary>
public readonly record struct StoreUsage(long ImageBytes, long ImageInodes, long ContainerBytes, long ContainerInodes);
