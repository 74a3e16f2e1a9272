using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CriRuntime.Images.Layers.Tar;
using CriRuntime.Images.References;
using CriRuntime.Linux;

namespace CriRuntime.Images.Import;

/// <summary>A file of an archive, kept in the ingest directory under a number: names of the archive never become names on disk.</summary>
internal sealed record ArchiveFile(string FileName, Digest Digest, long Size);

/// <summary>Writes an archive's files into a directory and notes their names and digests.</summary>
internal sealed class ArchiveWriter(DirectoryFd directory, long maxBytes, long minAvailableBytes) : ITarVisitor, IDisposable
{
    private const int MaxFiles = 20_000;
    private const long SpaceCheckStep = 64L << 20;
    private readonly Dictionary<string, ArchiveFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private FileDescriptor? _file;
    private long _total;
    private long _nextSpaceCheck;
    private string _fileName = "";
    private int _members;

    public IReadOnlyDictionary<string, ArchiveFile> Files => _files;

    public void Begin(TarEntry entry)
    {
        if (++_members > MaxFiles)
        {
            throw new ImageException(ImageErrorKind.ResourceExhausted, $"the archive has more than {MaxFiles} files");
        }

        if (entry.Kind is TarEntryKind.SymbolicLink or TarEntryKind.HardLink)
        {
            string name = Name(entry.Name);
            string folder = entry.Kind == TarEntryKind.SymbolicLink ? name[..(name.LastIndexOf('/') + 1)] : "";
            _links[name] = Clean(folder + Encoding.UTF8.GetString(entry.LinkName.Span));
        }
        else if (entry.Kind == TarEntryKind.RegularFile)
        {
            _fileName = _members.ToString(CultureInfo.InvariantCulture);
            _file = directory.TryCreateFile(Encoding.ASCII.GetBytes(_fileName), 0x180) ?? throw new LinuxException("openat", _fileName, Errno.EEXIST);
        }
    }

    public void Data(ReadOnlySpan<byte> data, long offset)
    {
        _total += data.Length;
        if (_total > maxBytes)
        {
            throw new ImageException(ImageErrorKind.ResourceExhausted, $"the archive has more than {maxBytes} bytes");
        }

        if (_total >= _nextSpaceCheck)
        {
            _nextSpaceCheck = _total + SpaceCheckStep;
            if (directory.Space().AvailableBytes < minAvailableBytes)
            {
                throw new ImageException(ImageErrorKind.ResourceExhausted, "the image store's file system is full: free disk space");
            }
        }

        FileWriting.WriteAt(_file!, data, offset);
        _hash.AppendData(data);
    }

    public void End(TarEntry entry)
    {
        if (_file is null)
        {
            return;
        }

        _file.Dispose();
        _file = null;
        _files[Name(entry.Name)] = new ArchiveFile(_fileName, Digest.FromHash(_hash), entry.Length);
    }

    /// <summary>A file by its name in the archive, through the links that <c>docker save</c> has for layers that occur twice.</summary>
    public ArchiveFile? Find(string name)
    {
        string current = Clean(name);
        for (int hops = 0; hops < 8; hops++)
        {
            if (_files.TryGetValue(current, out ArchiveFile? file))
            {
                return file;
            }

            if (!_links.TryGetValue(current, out string? target))
            {
                return null;
            }

            current = target;
        }

        return null;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _hash.Dispose();
    }

    private static string Name(ReadOnlyMemory<byte> name) => Clean(Encoding.UTF8.GetString(name.Span));

    private static string Clean(string name)
    {
        List<string> parts = [];
        foreach (string part in name.Split('/'))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "." or ".."))
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }
}
