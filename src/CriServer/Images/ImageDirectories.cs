namespace CriRuntime.CriServer.Images;

/// <summary>Where the image store keeps what, for the CRI's file system identifiers.</summary>
/// <param name="Images">The store's root.</param>
/// <param name="Snapshots">The writable layers of containers.</param>
public sealed record ImageDirectories(string Images, string Snapshots)
{
    public static ImageDirectories Under(string root)
    {
        string images = Path.Combine(root, "images");
        return new ImageDirectories(images, Path.Combine(images, "snapshots"));
    }
}
