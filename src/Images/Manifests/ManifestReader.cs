using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CriRuntime.Images.References;

namespace CriRuntime.Images.Manifests;

/// <summary>Reads the documents of an image into their models and checks what the models cannot say.</summary>
public static class ManifestReader
{
    /// <summary>The largest image configuration read, in bytes.</summary>
    public const int MaxConfigSize = 8 << 20;

    private const int MaxLayers = 1000;

    /// <exception cref="ImageException">DataLoss, or Unsupported for what is no container image.</exception>
    public static ImageManifest ReadManifest(ReadOnlySpan<byte> document)
    {
        ImageManifest manifest = Read(document, ManifestJson.Default.ImageManifest, "manifest");
        if (manifest.Config.MediaType is not (MediaTypes.OciConfig or MediaTypes.DockerConfig or "application/octet-stream"))
            throw Unsupported($"it is an artifact of type {Quoted.Name(manifest.Config.MediaType)}, not a container image");
        if (manifest.Layers.Count > MaxLayers)
            throw new ImageException(
                ImageErrorKind.ResourceExhausted, $"the manifest has {manifest.Layers.Count} layers; the limit is {MaxLayers}");
        if (manifest.Config.Size is < 0 or > MaxConfigSize)
            throw new ImageException(
                ImageErrorKind.ResourceExhausted, $"the image configuration has {manifest.Config.Size} bytes; the limit is {MaxConfigSize}");
        foreach (Descriptor layer in manifest.Layers)
            CheckLayer(layer);
        return manifest;
    }

    /// <exception cref="ImageException">DataLoss.</exception>
    public static ImageIndex ReadIndex(ReadOnlySpan<byte> document)
    {
        ImageIndex index = Read(document, ManifestJson.Default.ImageIndex, "index");
        if (index.Manifests.Any(m => m is null || m.Size < 0))
            throw new ImageException(ImageErrorKind.DataLoss, "the index has an entry without a size");
        return index;
    }

    /// <summary>Reads the configuration of that manifest: it must name one diff id for each layer.</summary>
    /// <exception cref="ImageException">DataLoss.</exception>
    public static ImageConfigFile ReadConfig(ReadOnlySpan<byte> document, ImageManifest manifest)
    {
        ImageConfigFile config = Read(document, ManifestJson.Default.ImageConfigFile, "image configuration");
        int diffIds = config.RootFs.DiffIds?.Count ?? 0;
        if (config.RootFs.Type != "layers" || diffIds != manifest.Layers.Count)
            throw new ImageException(
                ImageErrorKind.DataLoss,
                $"the image configuration names {diffIds} layers, but the manifest has {manifest.Layers.Count}");
        return config;
    }

    private static void CheckLayer(Descriptor layer)
    {
        if (layer is null || layer.Size < 0)
            throw new ImageException(ImageErrorKind.DataLoss, "the manifest has a layer without a size");
        if (MediaTypes.IsForeignLayer(layer.MediaType))
            throw Unsupported(
                $"its layer {layer.Digest} is a foreign layer ({layer.MediaType}), which is served from outside the registry only");
    }

    private static T Read<T>(ReadOnlySpan<byte> document, JsonTypeInfo<T> type, string what)
    {
        try
        {
            return JsonSerializer.Deserialize(document, type)
                ?? throw new ImageException(ImageErrorKind.DataLoss, $"the {what} is null");
        }
        catch (JsonException e)
        {
            throw new ImageException(ImageErrorKind.DataLoss, $"the {what} is malformed: {Quoted.Text(e.Message, 300)}", e);
        }
    }

    private static ImageException Unsupported(string message) => new(ImageErrorKind.Unsupported, message);
}
