using CriRuntime.Images.Content;
using CriRuntime.Images.Manifests;
using CriRuntime.Images.References;
using CriRuntime.Images.Registry;
using CriRuntime.Linux;
using CriRuntime.Tracing;

namespace CriRuntime.Images.Store;

/// <summary>Brings one image from a source into the store: manifest, configuration, all layers at once, and last the record that makes it exist.</summary>
internal sealed class ImagePuller(ImageStoreOptions options, ContentStore content, LayerStore layers, ImageRegister register)
{
    /// <param name="names">The tags and repository digests that the image gets, from what its source turned out to hold.</param>
    public async Task<Image> PullAsync(IBlobSource source, Func<ResolvedImage, ImageNames> names, CancellationToken cancellationToken)
    {
        ResolvedImage resolved = await Spans.RunAsync(
            "image.resolve", _ => ImageResolver.ResolveAsync(source, options.Platform, cancellationToken)).ConfigureAwait(false);
        CheckCosts(resolved.Manifest);
        byte[] configBytes = await Spans.RunAsync(
            "image.config", _ => ReadConfigAsync(source, resolved.Manifest.Config, cancellationToken)).ConfigureAwait(false);
        ImageConfigFile config = ManifestReader.ReadConfig(configBytes, resolved.Manifest);
        CheckPlatform(config);
        IReadOnlyList<Digest> diffIds = config.RootFs.DiffIds ?? [];
        using IDisposable lease = layers.Lease(diffIds);
        await FetchLayersAsync(source, resolved.Manifest, diffIds, cancellationToken).ConfigureAwait(false);
        try
        {
            return await Spans.RunAsync("image.commit", async _ =>
            {
                await layers.SettleAsync(diffIds, cancellationToken).ConfigureAwait(false);
                return await CommitAsync(resolved, configBytes, config, names(resolved), cancellationToken).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
        catch (LinuxException e)
        {
            throw LayerFailure.Explain(e, $"image {resolved.Manifest.Config.Digest} cannot be recorded");
        }
    }

    private void CheckCosts(ImageManifest manifest)
    {
        if (manifest.Config.Digest.Algorithm != "sha256")
        {
            throw new ImageException(ImageErrorKind.Unsupported, $"the image configuration {manifest.Config.Digest} is not named by sha256");
        }

        if (manifest.Layers.Count > options.MaxLayers)
        {
            throw new ImageException(ImageErrorKind.ResourceExhausted, $"the image has {manifest.Layers.Count} layers; the limit is {options.MaxLayers}");
        }
    }

    private void CheckPlatform(ImageConfigFile config)
    {
        if (config.Os is { Length: > 0 } os && os != options.Platform.Os)
        {
            throw new ImageException(ImageErrorKind.Unsupported, $"the image is for {Quoted.Name(os)}, not for {options.Platform.Os}");
        }
    }

    private async Task<byte[]> ReadConfigAsync(IBlobSource source, Descriptor descriptor, CancellationToken cancellationToken)
    {
        if (content.TryRead(descriptor.Digest) is { } known && known.Length == descriptor.Size)
        {
            return known;
        }

        byte[] bytes = new byte[descriptor.Size]; // at most 8 MiB: the manifest was checked
        Stream stream = await source.OpenBlobAsync(descriptor, 0, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            int read = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            int more = await stream.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false);
            if (read != bytes.Length || more != 0 || descriptor.Digest.Of(bytes) != descriptor.Digest)
            {
                throw new ImageException(ImageErrorKind.DataLoss, $"the image configuration is not what its digest {descriptor.Digest} and size {descriptor.Size} say");
            }
        }

        return bytes;
    }

    private async Task FetchLayersAsync(IBlobSource source, ImageManifest manifest, IReadOnlyList<Digest> diffIds, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Largest first: the end of a pull then has many small layers to fill both cores with.
        Task[] fetches =
        [
            .. diffIds.Zip(manifest.Layers).DistinctBy(l => l.First).OrderByDescending(l => l.Second.Size)
                .Select(l => FetchOneAsync(l.First, l.Second)),
        ];
        await Task.WhenAll(fetches).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // The failure that stopped the others, rather than their cancellation.
        Task? failed = fetches.FirstOrDefault(f => f.IsFaulted) ?? fetches.FirstOrDefault(f => f.IsCanceled);
        await (failed ?? Task.CompletedTask).ConfigureAwait(false);

        async Task FetchOneAsync(Digest diffId, Descriptor blob)
        {
            try
            {
                await layers.EnsureAsync(diffId, blob, source, stop.Token).ConfigureAwait(false);
            }
            catch
            {
                await stop.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    private Task<Image> CommitAsync(
        ResolvedImage resolved, byte[] configBytes, ImageConfigFile config, ImageNames names, CancellationToken cancellationToken)
    {
        foreach (ManifestContent document in resolved.Indexes.Append(resolved.Content))
        {
            content.Write(document.Descriptor.Digest, document.Bytes.Span);
        }

        content.Write(resolved.Manifest.Config.Digest, configBytes);
        var record = new ImageRecord
        {
            Version = ImageRecord.CurrentVersion,
            Id = resolved.Manifest.Config.Digest,
            Revision = 0,
            RepoTags = names.RepoTags,
            RepoDigests = names.RepoDigests,
            Manifest = resolved.Content.Descriptor.Digest,
            Indexes = [.. resolved.Indexes.Select(i => i.Descriptor.Digest)],
            Size = resolved.Manifest.Config.Size + resolved.Manifest.Layers.Sum(l => l.Size),
            LoadedAt = DateTimeOffset.UtcNow,
        };
        return register.AddAsync(record, config, cancellationToken);
    }
}

/// <summary>What an image is to be called: <c>name:tag</c> and <c>name@digest</c>.</summary>
internal sealed record ImageNames(IReadOnlyList<string> RepoTags, IReadOnlyList<string> RepoDigests)
{
    /// <summary>By tag: the tag and the digest it led to. By digest: that digest; a tag written beside it is ignored, as the registry never confirmed it.</summary>
    public static ImageNames Of(Reference reference, ResolvedImage resolved)
    {
        string repoDigest = reference.RepoDigest(reference.Digest ?? resolved.Root.Descriptor.Digest);
        string[] tags = reference.Digest is null && reference.RepoTag is { } tag ? [tag] : [];
        return new ImageNames(tags, [repoDigest]);
    }
}
