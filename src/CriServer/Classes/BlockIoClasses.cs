using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Classes;

/// <summary>
/// The node's block I/O classes. The file is read again when it changed; one that became unusable leaves the classes as they were. Devices are looked up for each
/// container, so that a disk that was added counts.
/// </summary>
public sealed class BlockIoClasses
{
    private readonly string _file;
    private readonly Action<string> _warn;
    private readonly NodeBlockDevices _devices;
    private readonly Lock _loading = new();
    private readonly HashSet<string> _told = [];
    private (DateTime Written, long Size) _read;
    private SortedDictionary<string, IReadOnlyList<BlockIoRule>>? _classes;

    /// <param name="file">An absolute path; empty: there are no classes.</param>
    /// <param name="warn">Gets each line once, until the file changes.</param>
    public BlockIoClasses(string file, Action<string> warn)
        : this(file, warn, NodeBlockDevices.Real)
    {
    }

    internal BlockIoClasses(string file, Action<string> warn, NodeBlockDevices devices) => (_file, _warn, _devices) = (file, warn, devices);

    /// <summary>The limits of a class on this node.</summary>
    /// <exception cref="CriException">FailedPrecondition: there is no such class; the message has those that are there.</exception>
    public BlockIoResources Resolve(string name)
    {
        if (_file.Length == 0)
            throw CriException.FailedPrecondition($"block I/O class \"{TextLimits.Shorten(name)}\": this node has no block I/O classes; the key containers.blockIoClasses names a file of them");
        lock (_loading)
        {
            SortedDictionary<string, IReadOnlyList<BlockIoRule>> present = Current();
            if (!present.TryGetValue(name, out IReadOnlyList<BlockIoRule>? rules))
                throw CriException.FailedPrecondition($"block I/O class \"{TextLimits.Shorten(name)}\" is not in {_file}, which has {ClassList.Describe(present.Keys)}");
            return BlockIoResolution.Of(rules, pattern => _devices.Find(pattern, line => WarnOnce($"block I/O class \"{name}\": {line}")));
        }
    }

    private SortedDictionary<string, IReadOnlyList<BlockIoRule>> Current()
    {
        FileInfo now = new(_file);
        (DateTime Written, long Size) print = now.Exists ? (now.LastWriteTimeUtc, now.Length) : default;
        if (_classes is not null && print == _read)
            return _classes;
        try
        {
            _classes = BlockIoClassFile.Read(_file);
            _told.Clear();
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            if (_classes is null)
                throw new CriException(CriErrorKind.FailedPrecondition, $"the block I/O classes of {_file} can't be used: {e.Message}", e);
            WarnOnce($"the block I/O classes stay as they were, for {_file} can't be used: {e.Message}");
        }

        _read = print;
        return _classes;
    }

    private void WarnOnce(string line)
    {
        if (_told.Add(line))
            _warn(line);
    }
}
