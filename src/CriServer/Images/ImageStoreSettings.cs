using CriRuntime.CriServer.Configuration;
using CriRuntime.Images;

namespace CriRuntime.CriServer.Images;

/// <summary>The configuration as the image store takes it.</summary>
internal static class ImageStoreSettings
{
    internal static ImageStoreOptions From(ServerConfiguration configuration, ILogger logger)
    {
        ImageStoreOptions options = new()
        {
            Root = ImageDirectories.Under(configuration.Root).Images,
            Registry = RegistrySettings.From(configuration),
            PinnedImages = configuration.Images.Pinned,
            RegistryObserver = new PullLog(logger),
            Warn = (what, cause) => Log.BackgroundFailure(logger, what, cause),
        };
        return configuration.Images.MaxParallelLayers > 0
            ? options with { MaxParallelLayers = configuration.Images.MaxParallelLayers }
            : options;
    }
}
