using CriRuntime.Images.References;

namespace CriRuntime.Images.Store;

/// <summary>All images at one moment, immutable: what List and Find read without a lock.</summary>
internal sealed class ImageCatalog
{
    public static readonly ImageCatalog Empty = new([]);

    private readonly Dictionary<string, Image> _byName = new(StringComparer.Ordinal);
    private readonly SortedList<string, Image> _byHex = new(StringComparer.Ordinal);

    public ImageCatalog(IEnumerable<Image> images)
    {
        Images = [.. images.OrderBy(i => i.Id, StringComparer.Ordinal)];
        foreach (Image image in Images)
        {
            _byHex[image.Id["sha256:".Length..]] = image;
            foreach (string name in image.RepoTags.Concat(image.RepoDigests))
            {
                _byName[name] = image;
            }
        }
    }

    public IReadOnlyList<Image> Images { get; }

    /// <summary>
    /// An image by <c>sha256:id</c>, bare id, name in any form, or a beginning of the id that only one image has; a whole id comes before a name,
    /// and a name before a beginning.
    /// </summary>
    public Image? Find(string text)
    {
        string hex = text.StartsWith("sha256:", StringComparison.Ordinal) ? text["sha256:".Length..] : text;
        return _byHex.GetValueOrDefault(hex) ?? FindByName(text) ?? FindByPrefix(hex);
    }

    private Image? FindByName(string text)
    {
        if (!Reference.TryParse(text, out Reference? reference))
        {
            return null;
        }

        string? name = reference.Digest is { } digest ? reference.RepoDigest(digest) : reference.RepoTag;
        return name is null ? null : _byName.GetValueOrDefault(name);
    }

    private Image? FindByPrefix(string prefix)
    {
        if (prefix.Length == 0)
        {
            return null;
        }

        Image? found = null;
        foreach ((string hex, Image image) in _byHex)
        {
            if (!hex.StartsWith(prefix, StringComparison.Ordinal))
            {
                continue;
            }

            if (found is not null)
            {
                return null;
            }

            found = image;
        }

        return found;
    }
}
