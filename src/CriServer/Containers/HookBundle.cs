using CriRuntime.CriServer.State;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Containers;

/// <summary>
/// The bundle directory of a container that has hooks. A hook gets the container's state on standard input, and looks in the directory that
/// <c>bundle</c> names for the specification; the root file system's path there is where the container's mount namespace has it before the pivot.
/// Other containers have no bundle: their launch plans need none.
/// </summary>
public sealed class HookBundle(StateDirectories directories)
{
    /// <returns>The directory, or null for a container without hooks.</returns>
    public string? Make(Container container, Spec spec)
    {
        if (spec.Hooks is null)
            return null;
        string directory = directories.Bundle(container.SandboxId, container.Id);
        Directory.CreateDirectory(directory);
        Spec described = spec with { Root = (spec.Root ?? new Root()) with { Path = directories.RootfsMountPoint(container.SandboxId) } };
        StateFile.Write(Path.Join(directory, "config.json"), SpecJson.Write(described));
        return directory;
    }

    /// <returns>The directory of a container that has hooks; null for others.</returns>
    public string? Find(Container container)
    {
        string directory = directories.Bundle(container.SandboxId, container.Id);
        return Directory.Exists(directory) ? directory : null;
    }

    /// <summary>Fine when there is none.</summary>
    public void Remove(Container container)
    {
        if (Find(container) is { } directory)
            Directory.Delete(directory, recursive: true);
    }
}
