using System.Text.Json;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Network;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Recovery;

/// <summary>
/// Reads all state files. One that is damaged, or of a version this program does not know, is moved into quarantine with a warning that names it, and
/// does not keep the others from being read.
/// </summary>
public sealed class StateReader(StateDirectories directories, ILogger logger)
{
    public SavedState Read()
    {
        List<PodSandbox> pods = [];
        List<Container> containers = [];
        List<string> orphans = [];
        foreach (string directory in Subdirectories(directories.Pods))
        {
            string id = Path.GetFileName(directory);
            if (!ObjectId.IsValid(id))
            {
                RecoveryLog.Foreign(logger, directory);
                continue;
            }

            if (TryRead(directories.PodFile(id), json => Own(StateJson.ReadPod(json), pod => pod.Id, id)) is { } pod)
            {
                pods.Add(pod);
                containers.AddRange(ReadContainers(id));
            }
            else
            {
                orphans.Add(id);
            }
        }

        return new SavedState(pods, containers, ReadOwed(), orphans);
    }

    private List<Container> ReadContainers(string podId)
    {
        List<Container> containers = [];
        foreach (string path in Files(directories.Containers(podId)))
        {
            string id = Path.GetFileNameWithoutExtension(path);
            if (TryRead(path, json => Own(StateJson.ReadContainer(json), c => c.Id, id)) is { } container && container.SandboxId == podId)
                containers.Add(container);
        }

        return containers;
    }

    private List<OwedRecord> ReadOwed()
    {
        List<OwedRecord> records = [];
        foreach (string path in Files(directories.Owed))
        {
            string id = Path.GetFileNameWithoutExtension(path);
            if (TryRead(path, json => Own(StateJson.ReadOwed(json), r => r.Pod.Id, id)) is { } record)
                records.Add(record);
        }

        return records;
    }

    /// <summary>A file must be about the object whose name it has.</summary>
    private static T Own<T>(T value, Func<T, string> id, string expected) =>
        id(value) == expected ? value : throw new JsonException($"the file is about {id(value)}");

    private T? TryRead<T>(string path, Func<byte[], T> parse)
        where T : class
    {
        try
        {
            return File.Exists(path) ? parse(File.ReadAllBytes(path)) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            SetAside(path, e.Message);
            return null;
        }
    }

    private void SetAside(string path, string reason)
    {
        string kept = Path.Join(directories.Quarantine, $"{Path.GetFileName(Path.GetDirectoryName(path))}-{Path.GetFileName(path)}");
        try
        {
            StateDirectories.CreatePrivate(directories.Quarantine);
            File.Move(path, kept, overwrite: true);
            RecoveryLog.Quarantined(logger, path, reason, kept);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            RecoveryLog.Unreadable(logger, path, reason, e.Message);
        }
    }

    private static IEnumerable<string> Subdirectories(string path) => Directory.Exists(path) ? Directory.EnumerateDirectories(path) : [];

    /// <summary>State files only: what a crash left of a write that was not finished has another name.</summary>
    private static IEnumerable<string> Files(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path, "*.json").Where(file => ObjectId.IsValid(Path.GetFileNameWithoutExtension(file)))
        : [];
}
