using CriRuntime.Oci.Cgroups;

namespace CriRuntime.CriServer.Tests.Metrics;

/// <summary>A host's cgroup file systems as plain files in a temporary directory.</summary>
internal sealed class CgroupTree : IDisposable
{
    private static readonly string[] V1Controllers = ["cpu", "cpuacct", "memory", "pids", "blkio"];

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("cgroups-");
    private readonly bool _v1;

    private CgroupTree(bool v1)
    {
        _v1 = v1;
        Hierarchy = v1
            ? CgroupHierarchy.Parse(
                string.Join('\n', V1Controllers.Select((name, i) => $"3{i} 23 0:2{i} / {_root.FullName}/{name} rw - cgroup cgroup rw,{name}"))
                    + $"\n40 23 0:30 / {_root.FullName}/unified rw - cgroup2 cgroup2 rw",
                string.Join('\n', V1Controllers.Select((name, i) => $"{i + 1}:{name}:/")) + "\n0::/",
                static _ => "")
            : CgroupHierarchy.Parse($"30 23 0:20 / {_root.FullName} rw - cgroup2 cgroup2 rw", "0::/\n", static _ => "cpu io memory pids");
    }

    public CgroupHierarchy Hierarchy { get; }

    public static CgroupTree V1() => new(v1: true);

    public static CgroupTree V2() => new(v1: false);

    /// <summary>Writes a file of a cgroup, in the controller's hierarchy where each has its own.</summary>
    public void Write(string cgroupPath, string controller, string file, string text)
    {
        string directory = $"{_root.FullName}/{(_v1 ? controller : "")}{cgroupPath}";
        Directory.CreateDirectory(directory);
        File.WriteAllText($"{directory}/{file}", text + "\n");
    }

    public void Dispose() => _root.Delete(recursive: true);
}
