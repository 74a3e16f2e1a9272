using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.State;
using CriRuntime.Images;
using CriRuntime.Tracing;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>
/// Tells which "images" of CreateContainer are checkpoints, the path of an archive on the node or an image that is annotated as one, and unpacks them. Both are hostile: nothing but
/// plain files comes out.
/// </summary>
public sealed class CheckpointSources(RuntimeSettings settings, IContainerImages images, CheckpointDirectories directories, Criu criu)
{
    /// <param name="image">As the request names it.</param>
    /// <param name="containerId">For which it is unpacked.</param>
    /// <returns>Null: it is an ordinary image, or none.</returns>
    /// <exception cref="CriException">NotFound: there is no such archive, or not the image that it was made of; InvalidArgument: it is damaged; FailedPrecondition: nothing is restored here.</exception>
    public async Task<Checkpoint?> OpenAsync(string image, string containerId)
    {
        bool isPath = image.StartsWith('/');
        if (!isPath && !images.IsCheckpoint(image))
            return null;
        if (!isPath && !settings.RestoresImages)
            throw CriException.FailedPrecondition($"image {Sandboxes.TextLimits.Shorten(image)} is a checkpoint; set checkpoints.restoreImages to restore such images: their processes come back as whoever they were, whatever the pod says");
        _ = criu.Path;
        string directory = directories.Make(containerId);
        try
        {
            await Spans.RunAsync("checkpoint.unpack", _ => isPath ? CheckpointArchive.UnpackAsync(image, directory) : UnpackImageAsync(image, containerId, directory)).ConfigureAwait(false);
            return Checkpoint.Read(directory, images);
        }
        catch (Exception e)
        {
            CheckpointDirectories.Remove(directory);
            throw CheckpointArchive.Explain(e, image);
        }
    }

    /// <summary>The layers as they lie there: each is packed, so that the same eyes see what comes out of it as see an archive.</summary>
    private async Task UnpackImageAsync(string name, string containerId, string directory)
    {
        ContainerImage image = images.Find(name) ?? throw CriException.NotFound("it is not on this node any more; pull it again");
        string key = containerId + "-checkpoint";
        string packed = directory + ".tar";
        try
        {
            RootfsLayers layers = await images.CreateSnapshotAsync(key, image, [], CancellationToken.None).ConfigureAwait(false);
            foreach (string layer in layers.LowerDirs.Reverse())
            {
                using (FileStream output = File.Create(packed))
                    await TarArchives.PackAsync(layer, output, CancellationToken.None).ConfigureAwait(false);
                await CheckpointArchive.UnpackAsync(packed, directory).ConfigureAwait(false);
            }
        }
        finally
        {
            File.Delete(packed);
            await images.RemoveSnapshotAsync(key, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
