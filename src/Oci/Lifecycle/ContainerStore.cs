using System.Text.Json;
using CriRuntime.Linux.Launching;
using CriRuntime.Oci.Specs;

namespace CriRuntime.Oci.Lifecycle;

/// <summary>
/// The containers of one root directory: <c>&lt;root&gt;/&lt;id&gt;/</c> with <c>state.json</c>, <c>config.json</c> as it was at creation, and, while the
/// container waits to be started, the fifo <c>exec.fifo</c>. All 0700. A directory is reserved by mkdir, so that of two creations of one name one wins.
/// </summary>
public sealed class ContainerStore(string root)
{
    public string DirectoryOf(string id) => Path.Combine(root, id);

    public string FifoOf(string id) => Path.Combine(root, id, "exec.fifo");

    private string RecordOf(string id) => Path.Combine(root, id, "state.json");

    private string SpecOf(string id) => Path.Combine(root, id, "config.json");

    /// <summary>Takes a name, with the specification that belongs to it.</summary>
    /// <exception cref="OciException">The name is refused, or in use.</exception>
    public void Reserve(string id, byte[] spec)
    {
        ContainerId.Check(id);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(root)) ?? "/");
        HostFile.TryMakeDirectory(root);
        if (!HostFile.TryMakeDirectory(DirectoryOf(id)))
            throw new OciException($"container {id} exists already");
        File.WriteAllBytes(SpecOf(id), spec);
    }

    public void Save(ContainerRecord record)
    {
        string path = RecordOf(record.Id);
        File.WriteAllBytes(path + ".tmp", ContainerRecordJson.Write(record).Span);
        File.Move(path + ".tmp", path, overwrite: true);
    }

    /// <exception cref="OciException">There is no such container, or it was never completed.</exception>
    public ContainerRecord Load(string id)
    {
        ContainerId.Check(id);
        try
        {
            return ContainerRecordJson.Read(File.ReadAllBytes(RecordOf(id)));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new OciException($"container {id} does not exist");
        }
        catch (JsonException e)
        {
            throw new OciException($"container {id}: {RecordOf(id)} is damaged: {e.Message}");
        }
    }

    /// <summary>The specification as it was at creation.</summary>
    public Spec LoadSpec(string id) => SpecJson.Load(SpecOf(id));

    /// <summary>True when the name is taken, even by a creation that did not come to its end.</summary>
    public bool Exists(string id) => Directory.Exists(DirectoryOf(id));

    public IEnumerable<string> List() =>
        Directory.Exists(root)
            ? Directory.EnumerateDirectories(root).Where(static d => File.Exists(Path.Combine(d, "state.json"))).Select(static d => Path.GetFileName(d)).Order(StringComparer.Ordinal)
            : [];

    public void Remove(string id)
    {
        string directory = DirectoryOf(id);
        foreach (string file in (ReadOnlySpan<string>)[RecordOf(id), SpecOf(id), FifoOf(id)])
            HostFile.TryRemove(file);
        // Normally nothing else is in it.
        if (!HostFile.TryRemoveDirectory(directory))
            Directory.Delete(directory, recursive: true);
    }
}
