using CriRuntime.CriServer.State;

namespace CriRuntime.CriServer.Checkpoints;

/// <summary>Where checkpoints lie while they are made or restored: on disk, for they have all of a container's memory.</summary>
public sealed class CheckpointDirectories(RuntimeSettings settings, ILogger<CheckpointDirectories> logger)
{
    private readonly string _root = Path.Join(settings.Root, "checkpoints");

    /// <summary>A new directory, mode 0700.</summary>
    public string MakeTemporary()
    {
        StateDirectories.CreatePrivate(_root);
        string path = Path.Join(_root, "dump-" + ObjectId.New());
        StateDirectories.CreatePrivate(path);
        return path;
    }

    /// <summary>Where the checkpoint lies from which a container is restored.</summary>
    public string Of(string containerId) => Path.Join(_root, containerId);

    /// <inheritdoc cref="Of"/>
    public string Make(string containerId)
    {
        StateDirectories.CreatePrivate(_root);
        StateDirectories.CreatePrivate(Of(containerId));
        return Of(containerId);
    }

    /// <summary>Fine when there is none.</summary>
    public static void Remove(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }

    /// <summary>Removes what an earlier daemon did not live to remove.</summary>
    /// <param name="containers">Those that are there.</param>
    public void Sweep(IReadOnlyCollection<string> containers)
    {
        if (!Directory.Exists(_root))
            return;
        foreach (string directory in Directory.GetDirectories(_root))
        {
            if (containers.Contains(Path.GetFileName(directory)))
                continue;
            try
            {
                Remove(directory);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                CheckpointLog.NotRemoved(logger, directory, e.Message);
            }
        }
    }
}
