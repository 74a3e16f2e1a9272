namespace CriRuntime.CriServer.Specs;

/// <summary>A mount namespace's mounts and their propagation (proc_pid_mountinfo(5)).</summary>
public sealed class MountTable
{
    private readonly List<Mount> _mounts = [];

    private MountTable()
    {
    }

    public static MountTable ReadOwn() => Parse(File.ReadAllText("/proc/self/mountinfo"));

    public static MountTable Parse(string mountInfo)
    {
        MountTable table = new();
        foreach (string line in mountInfo.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] fields = line.Split(' ');
            string[] optional = [.. fields.Skip(6).TakeWhile(field => field != "-")];
            table._mounts.Add(new Mount(
                fields[4].Replace("\\040", " ", StringComparison.Ordinal),
                optional.Any(field => field.StartsWith("shared:", StringComparison.Ordinal)),
                optional.Any(field => field.StartsWith("master:", StringComparison.Ordinal))));
        }

        return table;
    }

    public bool IsShared(string path) => MountOf(path) is { Shared: true };

    public bool IsSharedOrSlave(string path) => MountOf(path) is { Shared: true } or { Slave: true };

    /// <summary>The mount that the path is on: the last one made among those with the longest matching mount point.</summary>
    private Mount? MountOf(string path) => _mounts
        .Where(mount => mount.Point == "/" || path == mount.Point || path.StartsWith(mount.Point + "/", StringComparison.Ordinal))
        .OrderBy(mount => mount.Point.Length)
        .LastOrDefault();

    private sealed record Mount(string Point, bool Shared, bool Slave);
}
