using CriRuntime.Cni.Plugins;

namespace CriRuntime.Cni.Cache;

/// <summary>
/// The directory of attachments, one file <c>results/&lt;network&gt;-&lt;container id&gt;-&lt;interface&gt;</c> each, appearing by rename.
/// Nothing is synced to the device: the daemon's own record of a DEL it owes is, and a DEL without a cached
/// configuration uses the present one.
/// </summary>
internal sealed class AttachmentCache(string cacheDir, Action<string> warn)
{
    private readonly string _directory = Path.Combine(cacheDir, "results");

    /// <exception cref="CniException"><see cref="CniFailure.Cache"/>.</exception>
    internal void Save(CachedAttachment cached)
    {
        string path = PathOf(cached);
        // A leading dot: never taken for an attachment. A crash leaves at most this one, overwritten by the next.
        string temporary = Path.Combine(_directory, "." + Path.GetFileName(path));
        try
        {
            Directory.CreateDirectory(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            FileStreamOptions options = new()
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            using (FileStream file = new(temporary, options))
                file.Write(CachedAttachmentJson.Write(cached).Span);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(cached, "cannot be recorded in", path, e);
        }
    }

    /// <summary>Forgets an attachment; one that is not there is no error.</summary>
    /// <exception cref="CniException"><see cref="CniFailure.Cache"/>.</exception>
    internal void Remove(CachedAttachment cached)
    {
        string path = PathOf(cached);
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // No directory, no attachment: forgotten already.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(cached, "cannot be removed from", path, e);
        }
    }

    /// <summary>The attachments of one interface: normally one, more when the network's name changed while it was being made.</summary>
    internal IReadOnlyList<CachedAttachment> Find(Attachment attachment) =>
        [.. ReadFiles($"-{attachment.ContainerId}-{attachment.IfName}")
            .Where(cached => cached.Attachment.ContainerId == attachment.ContainerId && cached.Attachment.IfName == attachment.IfName)];

    /// <summary>Every attachment.</summary>
    internal IReadOnlyList<CachedAttachment> All() => [.. ReadFiles("")];

    private IEnumerable<CachedAttachment> ReadFiles(string suffix)
    {
        string[] paths;
        try
        {
            paths = Directory.GetFiles(_directory);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing was ever attached.
            yield break;
        }

        foreach (string path in paths.Where(path => path.EndsWith(suffix, StringComparison.Ordinal) && !Path.GetFileName(path).StartsWith('.')))
        {
            if (Read(path) is { } cached)
                yield return cached;
        }
    }

    private CachedAttachment? Read(string path)
    {
        try
        {
            return CachedAttachmentJson.Read(File.ReadAllBytes(path), path);
        }
        catch (FileNotFoundException)
        {
            // Removed since the directory was read, by another pod's DEL.
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            warn($"CNI attachment {path} cannot be read and is ignored: {e.Message}");
            return null;
        }
    }

    private string PathOf(CachedAttachment cached) =>
        Path.Combine(_directory, $"{cached.Network.Name}-{cached.Attachment.ContainerId}-{cached.Attachment.IfName}");

    private static CniException Failed(CachedAttachment cached, string what, string path, Exception cause) =>
        new(CniFailure.Cache, $"attachment of pod {cached.Attachment.Pod} to network \"{cached.Network.Name}\" {what} {path}: {cause.Message}", cause)
        {
            Network = cached.Network.Name,
            Pod = cached.Attachment.Pod,
        };
}
