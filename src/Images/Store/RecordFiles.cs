using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CriRuntime.Images.Content;
using CriRuntime.Linux;

namespace CriRuntime.Images.Store;

/// <summary>A directory of small JSON records. One that cannot be read is moved to <c>damaged/</c>, for a person to look at.</summary>
internal sealed class RecordFiles<T>(DirectoryFd root, string folder, JsonTypeInfo<T> type, Action<string, Exception> warn) : IDisposable
    where T : class
{
    private const int MaxSize = 8 << 20;
    private const string Suffix = ".json";
    private const string Aside = "damaged";

    private readonly DirectoryFd _directory = StoreDirectory.Open(root, folder);

    /// <summary>All readable records. A torn or foreign file is reported, set aside and left out.</summary>
    public List<T> ReadAll()
    {
        List<T> records = [];
        foreach (string name in DurableFile.List(_directory))
        {
            if (TryRead(name) is { } record)
            {
                records.Add(record);
            }
        }

        return records;
    }

    public void Write(string key, T record) =>
        DurableFile.Write(_directory, key + Suffix, JsonSerializer.SerializeToUtf8Bytes(record, type));

    /// <summary>Unlinks, which needs no free space.</summary>
    public void Remove(string key)
    {
        if (_directory.Unlink(Encoding.UTF8.GetBytes(key + Suffix)))
        {
            _directory.Sync();
        }
    }

    public void Dispose() => _directory.Dispose();

    private T? TryRead(string name)
    {
        try
        {
            return JsonSerializer.Deserialize(DurableFile.TryRead(_directory, name, MaxSize), type) ?? throw new JsonException("the record is null");
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or LinuxException)
        {
            SetAside(name, e);
            return null;
        }
    }

    private void SetAside(string name, Exception reason)
    {
        string kept = $"{Aside}/{folder}-{name}";
        try
        {
            using DirectoryFd aside = StoreDirectory.Open(root, Aside);
            _directory.Rename(Encoding.UTF8.GetBytes(name), aside, Encoding.UTF8.GetBytes($"{folder}-{name}"));
        }
        catch (LinuxException e)
        {
            warn($"setting the damaged record {folder}/{name} aside, which stays where it is", e);
            kept = $"{folder}/{name}";
        }

        warn($"reading the record {folder}/{name}, kept as {kept}: what it was about is missing until its image is pulled again", reason);
    }
}
