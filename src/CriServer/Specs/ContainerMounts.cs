using CriRuntime.CriServer.Containers;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;
using CriRuntime.Oci.Specs.Edits;

namespace CriRuntime.CriServer.Specs;

/// <summary>All mounts of a container, in the order in which they are made: parents before what lies in them.</summary>
public static class ContainerMounts
{
    public static IReadOnlyList<Mount> Build(ContainerSpecInput input)
    {
        List<Mount> requested = [.. input.Container.Mounts.Select(mount => Requested(mount, input))];
        HashSet<string> taken = [.. requested.Select(mount => mount.Destination)];
        IEnumerable<Mount> defaults = DefaultMounts.Build(input).Where(mount => !taken.Contains(mount.Destination));
        return [.. defaults, .. SpecEdits.InOrder(requested)];
    }

    /// <summary>The propagation of the root mount that the requested mounts need to work.</summary>
    public static string RootfsPropagation(IReadOnlyList<ContainerMount> mounts)
    {
        MountPropagation strongest = mounts.Where(mount => mount.ImageVolume is null).Select(mount => mount.Propagation).DefaultIfEmpty().Max();
        return strongest switch
        {
            MountPropagation.Bidirectional => "rshared",
            MountPropagation.HostToContainer => "rslave",
            _ => "rprivate",
        };
    }

    private static Mount Requested(ContainerMount mount, ContainerSpecInput input)
    {
        if (mount.ImageVolume is { } volume)
            return OfImage(mount, volume, input.ImageVolumes[volume.Image]);
        List<string> options = ["rbind", Propagation(mount.Propagation), Access(mount), .. mount.Options];
        return Mapped(mount, new Mount { Destination = Normalize(mount.ContainerPath), Type = "bind", Source = mount.HostPath, Options = options });
    }

    /// <summary>
    /// An image's layers without a directory to write to: not even a container with every capability can make that writable. Device nodes of an image are
    /// nothing that a volume is for.
    /// </summary>
    private static Mount OfImage(ContainerMount mount, ImageVolume volume, IReadOnlyList<string> layers)
    {
        List<string> options = [.. mount.Options, "ro", "nodev", $"lowerdir={OptionPaths.Join(layers)}"];
        if (volume.SubPath.Length > 0)
            options.Add($"X-mount.subdir={OptionPaths.Escape(volume.SubPath)}");
        return Mapped(mount, new Mount { Destination = Normalize(mount.ContainerPath), Type = "overlay", Source = "overlay", Options = options });
    }

    private static Mount Mapped(ContainerMount requested, Mount mount) => requested.IdMappings is { } ids
        ? mount with { UidMappings = IdMappings.ToOci(ids.Uids), GidMappings = IdMappings.ToOci(ids.Gids) }
        : mount;

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
}
