using CriRuntime.CriServer.Containers;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Specs;

/// <summary>All mounts of a container, in the order in which they are made: parents before what lies in them.</summary>
public static class ContainerMounts
{
    public static IReadOnlyList<Mount> Build(ContainerSpecInput input)
    {
        List<Mount> requested = [.. input.Container.Mounts.Select(Requested)];
        HashSet<string> taken = [.. requested.Select(mount => mount.Destination)];
        IEnumerable<Mount> defaults = DefaultMounts.Build(input).Where(mount => !taken.Contains(mount.Destination));
        return [.. defaults.Concat(requested.OrderBy(mount => Depth(mount.Destination)))]; // a stable sort: equals stay in the request's order
    }

    /// <summary>The propagation of the root mount that the requested mounts need to work.</summary>
    public static string RootfsPropagation(IReadOnlyList<ContainerMount> mounts)
    {
        MountPropagation strongest = mounts.Count == 0 ? MountPropagation.Private : mounts.Max(mount => mount.Propagation);
        return strongest switch
        {
            MountPropagation.Bidirectional => "rshared",
            MountPropagation.HostToContainer => "rslave",
            _ => "rprivate",
        };
    }

    private static Mount Requested(ContainerMount mount)
    {
        List<string> options = ["rbind", Propagation(mount.Propagation), Access(mount), .. mount.Options];
        return new Mount { Destination = Normalize(mount.ContainerPath), Type = "bind", Source = mount.HostPath, Options = options };
    }

    private static string Propagation(MountPropagation propagation) => propagation switch
    {
        MountPropagation.Bidirectional => "rshared",
        MountPropagation.HostToContainer => "rslave",
        _ => "rprivate",
    };

    private static string Access(ContainerMount mount) =>
        mount.RecursiveReadOnly ? "rro" : mount.ReadOnly ? "ro" : "rw";

    /// <summary>Absolute, without empty, "." and ".." parts: inside the container ".." at the root stays there.</summary>
    public static string Normalize(string path) => Path.GetFullPath("/" + path.TrimStart('/')).TrimEnd('/') is { Length: > 0 } clean ? clean : "/";

    private static int Depth(string destination) => destination == "/" ? 0 : destination.Count(c => c == '/');
}
