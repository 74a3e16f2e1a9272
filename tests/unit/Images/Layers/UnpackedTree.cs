using CriRuntime.Images.Layers;
using CriRuntime.Linux;

namespace CriRuntime.Images.Tests.Layers;

/// <summary>A temporary directory that layers are unpacked into; needs root, as the store does.</summary>
internal sealed class UnpackedTree : IDisposable
{
    public UnpackedTree() => Directory.CreateDirectory(Root);

    public string Base { get; } = Path.Combine(Path.GetTempPath(), "criruntime-layer-" + Guid.NewGuid().ToString("n"));

    public string Root => Path.Combine(Base, "store", "fs");

    public Task<UnpackedLayer> UnpackAsync(TarBuilder tar, LayerLimits? limits = null) => UnpackAsync(new MemoryStream(tar.ToArray()), limits);

    public async Task<UnpackedLayer> UnpackAsync(Stream blob, LayerLimits? limits = null)
    {
        using DirectoryFd root = DirectoryFd.Open(Root);
        using DirectoryFd spill = DirectoryFd.Open(Path.GetDirectoryName(Root)!);
        return await LayerUnpacker.UnpackAsync(blob, root, spill, limits ?? new LayerLimits { MinAvailableBytes = 0 }, TestContext.Current.CancellationToken);
    }

    public string At(string path) => Path.Combine(Root, path);

    public string Read(string path) => File.ReadAllText(At(path));

    public FileFacts? Stat(string path)
    {
        using DirectoryFd root = DirectoryFd.Open(Root);
        using DirectoryFd? parent = root.TryOpenDirectory(
            System.Text.Encoding.UTF8.GetBytes(Path.GetDirectoryName(path) is { Length: > 0 } d ? d : "."), PathResolution.InRoot);
        return parent?.TryStat(System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(path)));
    }

    public byte[]? Xattr(string path, string name)
    {
        using DirectoryFd root = DirectoryFd.Open(Root);
        using FileDescriptor file = root.OpenForReading(System.Text.Encoding.UTF8.GetBytes(path));
        return InodeAttributes.TryGetXattr(file, System.Text.Encoding.UTF8.GetBytes(name));
    }

    /// <summary>Everything outside of the layer's directory that an attack might have made.</summary>
    public IReadOnlyList<string> Strays() =>
        [.. Directory.EnumerateFileSystemEntries(Base, "*", SearchOption.AllDirectories)
            .Where(p => !p.StartsWith(Root, StringComparison.Ordinal) && p != Path.GetDirectoryName(Root))];

    public void Dispose() => TemporaryTree.Delete(Base);
}
