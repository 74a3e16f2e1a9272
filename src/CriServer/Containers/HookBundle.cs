using CriRuntime.CriServer.Errors;
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
    /// <exception cref="CriException">FailedPrecondition: hooks of a kind that is not run.</exception>
    public string? Make(Container container, Spec spec)
    {
        if (spec.Hooks is not { } hooks)
            return null;
        Check(hooks);
        string directory = directories.Bundle(container.SandboxId, container.Id);
        Directory.CreateDirectory(directory);
        Spec described = spec with { Root = (spec.Root ?? new Root()) with { Path = directories.RootfsMountPoint(container.SandboxId) } };
        StateFile.Write(Path.Join(directory, "config.json"), SpecJson.Write(described));
        return directory;
    }

    /// <summary>Fine when there is none.</summary>
    public void Remove(Container container)
    {
        string directory = directories.Bundle(container.SandboxId, container.Id);
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }

    /// <summary>The hooks up to the start are part of the launch plan; nobody would run the later ones.</summary>
    /// <exception cref="CriException">FailedPrecondition: there are poststart or poststop hooks.</exception>
    private static void Check(Hooks hooks)
    {
        if (hooks.Poststart.Count + hooks.Poststop.Count > 0)
            throw CriException.FailedPrecondition("a device or an NRI plugin asks for poststart or poststop hooks, and this runtime runs only those up to the start");
    }
}
