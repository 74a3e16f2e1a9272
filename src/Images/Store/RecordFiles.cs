using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CriRuntime.Images.Content;
using CriRuntime.Linux;

namespace CriRuntime.Images.Store;

/// <summary>A directory of small JSON records.</summary>
internal sealed class RecordFiles<T>(DirectoryFd directory, JsonTypeInfo<T> type, Action<string, Exception> warn) : IDisposable
    where T : class
{
    private const int MaxSize = 8 << 20;
    private const string Suffix = ".json";

    /// <summary>All readable records. A torn or foreign file is reported and left out.</summary>
    public List<T> ReadAll()
    {
        List<T> records = [];
        foreach (string name in DurableFile.List(directory))
        {
            if (TryRead(name) is { } record)
            {
                records.Add(record);
            }
        }

        return records;
    }

    public void Write(string key, T record) =>
        DurableFile.Write(directory, key + Suffix, JsonSerializer.SerializeToUtf8Bytes(record, type));

    /// <summary>Unlinks, which needs no free space.</summary>
    public void Remove(string key)
    {
        if (directory.Unlink(Encoding.UTF8.GetBytes(key + Suffix)))
        {
            directory.Sync();
        }
    }

    public void Dispose() => directory.Dispose();

    private T? TryRead(string name)
    {
        try
        {
            return JsonSerializer.Deserialize(DurableFile.TryRead(directory, name, MaxSize), type);
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            warn($"reading the record {name} of the image store, which is left out", e);
            return null;
        }
    }
}
