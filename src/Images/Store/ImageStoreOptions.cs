using CriRuntime.Images.Layers;
using CriRuntime.Images.Manifests;
using CriRuntime.Images.Registry;

namespace CriRuntime.Images;

/// <summary>Where images are kept and what they may cost.</summary>
public sealed record ImageStoreOptions
{
    /// <summary>The store's directory, made if missing, private to root. One process at a time may have it open.</summary>
    public required string Root { get; init; }

    public RegistryOptions Registry { get; init; } = new();

    public Platform Platform { get; init; } = Platform.Host;

    /// <summary>Layers downloaded and unpacked at one time, over all pulls. 1 or more.</summary>
    public int MaxParallelLayers { get; init; } = Math.Clamp(Environment.ProcessorCount, 3, 8);

    /// <summary>Layers that an image may have (overlayfs takes 500; other runtimes agree on 127).</summary>
    public int MaxLayers { get; init; } = 127;

    public LayerLimits Limits { get; init; } = new();

    /// <summary>Names of images that the kubelet must not collect (<c>Image.pinned</c>).</summary>
    public IReadOnlyList<string> PinnedImages { get; init; } = [];

    /// <summary>Told of what failed in the background: what was being done, and why it failed.</summary>
    public Action<string, Exception>? Warn { get; init; }

    /// <summary>Told of the network's refusals, retries and mirrors.</summary>
    public IRegistryObserver? RegistryObserver { get; init; }
}
