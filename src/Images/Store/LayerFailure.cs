using CriRuntime.Images.Manifests;
using CriRuntime.Linux;

namespace CriRuntime.Images.Store;

/// <summary>What went wrong with a layer, as an error that names it.</summary>
internal static class LayerFailure
{
    /// <summary>The error to throw instead; null where the exception speaks for itself.</summary>
    public static ImageException? Explain(Exception failure, Descriptor blob) => failure switch
    {
        ImageException { Kind: ImageErrorKind.ResourceExhausted } e => new(e.Kind, $"layer {blob.Digest} is refused: {e.Message}", e),
        InvalidDataException e => new(ImageErrorKind.DataLoss, $"layer {blob.Digest} is corrupt: {e.Message}", e),
        LinuxException e => new(KindOf(e), $"layer {blob.Digest} cannot be unpacked: {e.Message}{Advice(e)}", e),
        _ => null,
    };

    /// <summary>The same for the store's own files.</summary>
    public static ImageException Explain(LinuxException failure, string what) =>
        new(KindOf(failure), $"{what}: {failure.Message}{Advice(failure)}", failure);

    private static ImageErrorKind KindOf(LinuxException e) => e.Errno switch
    {
        Errno.ENOSPC or Errno.EDQUOT => ImageErrorKind.ResourceExhausted,
        Errno.EROFS => ImageErrorKind.FailedPrecondition,
        Errno.ELOOP or Errno.ENAMETOOLONG or Errno.ENOTDIR or Errno.EINVAL or Errno.ENOENT => ImageErrorKind.DataLoss,
        _ => ImageErrorKind.Unavailable,
    };

    private static string Advice(LinuxException e) => e.Errno switch
    {
        Errno.ENOSPC => " (no space or no inodes left: remove images, or grow the image store's file system)",
        Errno.EDQUOT => " (the quota of the image store is used up)",
        Errno.EROFS => " (the image store's file system is read-only)",
        _ => "",
    };
}
