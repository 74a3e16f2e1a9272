using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;

namespace CriRuntime.CriServer.Specs;

/// <summary>Prepares the host's side of requested mounts.</summary>
public static class MountSources
{
    /// <summary>Resolves links in host paths, and makes directories that are missing, as containerd does.</summary>
    /// <exception cref="CriException">FailedPrecondition naming the mount and the cause.</exception>
    public static IReadOnlyList<ContainerMount> Resolve(IReadOnlyList<ContainerMount> mounts)
    {
        MountTable? table = null;
        return [.. mounts.Select(mount =>
        {
            if (mount.ImageVolume is not null)
                return mount;
            string source = Source(mount);
            if (mount.Propagation != MountPropagation.Private)
                CheckPropagation(mount, source, table ??= MountTable.ReadOwn());
            return mount with { HostPath = source };
        })];
    }

    private static string Source(ContainerMount mount)
    {
        try
        {
            if (!Path.Exists(mount.HostPath))
                Directory.CreateDirectory(mount.HostPath);
            return File.ResolveLinkTarget(mount.HostPath, returnFinalTarget: true)?.FullName ?? mount.HostPath;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CriException(
                CriErrorKind.FailedPrecondition, $"config.mounts of {mount.ContainerPath}: host_path {mount.HostPath} can't be used: {e.Message}", e);
        }
    }

    private static void CheckPropagation(ContainerMount mount, string source, MountTable table)
    {
        bool works = mount.Propagation == MountPropagation.Bidirectional ? table.IsShared(source) : table.IsSharedOrSlave(source);
        if (!works)
        {
            throw CriException.FailedPrecondition(
                $"config.mounts of {mount.ContainerPath}: propagation {mount.Propagation} needs host_path {source} to be on a shared mount; run mount --make-rshared on it");
        }
    }
}
