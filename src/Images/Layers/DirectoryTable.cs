using System.Text;
using CriRuntime.Linux;

namespace CriRuntime.Images.Layers;

/// <summary>
/// The mode and time of every directory of a layer, set at the end: each file made in a directory would change its time, and a setgid
/// bit would be inherited. Bounded in memory, whatever the archive says.
/// </summary>
internal sealed class DirectoryTable
{
    private const long MaxBytes = 96L << 20;
    private const int EntryOverhead = 96;
    private readonly Dictionary<string, Attributes> _directories = []; // Latin-1 keeps any bytes
    private long _bytes;

    public int Count => _directories.Count;

    /// <summary>Directories that had to be made because something lies in them, though no entry names them.</summary>
    public List<string> ImpliedDirectories()
    {
        List<string> implied = [];
        foreach ((string path, Attributes attributes) in _directories)
        {
            if (attributes.IsImplied)
                implied.Add(path);
        }

        return implied;
    }

    public void SetNamed(ReadOnlySpan<byte> path, uint permissions, long seconds, uint nanoseconds) =>
        Set(path, new Attributes(permissions, seconds, nanoseconds, IsImplied: false));

    public void SetImplied(ReadOnlySpan<byte> path) => Set(path, new Attributes(0x1ED, 0, 0, IsImplied: true));

    /// <summary>Forgets a directory that a later entry replaced.</summary>
    public void Remove(ReadOnlySpan<byte> path) => _directories.Remove(Encoding.Latin1.GetString(path));

    public void Apply(DirectoryFd root)
    {
        foreach ((string path, Attributes attributes) in _directories)
        {
            using DirectoryFd? directory = path.Length == 0
                ? root.OpenDirectory("."u8)
                : root.TryOpenDirectory(Encoding.Latin1.GetBytes(path), PathResolution.InRoot);
            if (directory is null)
            {
                continue; // its parent was replaced by a later entry
            }

            InodeAttributes.SetPermissions(directory.Descriptor, attributes.Permissions);
            InodeAttributes.SetTimes(directory.Descriptor, attributes.Seconds, attributes.Nanoseconds);
        }
    }

    private void Set(ReadOnlySpan<byte> path, Attributes attributes)
    {
        string key = Encoding.Latin1.GetString(path);
        _bytes += _directories.ContainsKey(key) ? 0 : (2L * key.Length) + EntryOverhead;
        if (_bytes > MaxBytes)
        {
            throw new ImageException(ImageErrorKind.ResourceExhausted, $"the layer has too many directories ({_directories.Count}, whose names take {MaxBytes >> 20} MiB of memory)");
        }

        _directories[key] = attributes;
    }

    private readonly record struct Attributes(uint Permissions, long Seconds, uint Nanoseconds, bool IsImplied);
}
