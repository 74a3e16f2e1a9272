using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Stats;

namespace CriRuntime.Oci.Tests.Cgroups;

public sealed class HugetlbFilesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("hugetlb-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("hugepages-2048kB", "2MB")]
    [InlineData("hugepages-1048576kB", "1GB")]
    [InlineData("hugepages-64kB", "64KB")]
    [InlineData("hugepages-", null)]
    [InlineData("x", null)]
    public void Sizes_are_named_as_the_kernels_cgroup_files_are(string directory, string? name) => Assert.Equal(name, HugetlbFiles.SizeName(directory));

    [Fact]
    public void Usage_is_read_in_both_versions_and_the_peak_where_it_is_recorded()
    {
        Write("hugetlb.2MB.current", "4194304\n");
        Assert.Equal([new HugetlbStats("2MB", 4194304, null)], Read(CgroupVersion.V2));

        Write("hugetlb.2MB.usage_in_bytes", "2097152\n");
        Write("hugetlb.2MB.max_usage_in_bytes", "6291456\n");
        Assert.Equal([new HugetlbStats("2MB", 2097152, 6291456)], Read(CgroupVersion.V1));
    }

    private IReadOnlyList<HugetlbStats> Read(CgroupVersion version) =>
        new HugetlbFiles(new CgroupDirectory(new CgroupMount(_directory.FullName, version, ["hugetlb"], "/"), _directory.FullName), ["1GB", "2MB"]).Read(new byte[4096]);

    private void Write(string file, string text) => File.WriteAllText(Path.Join(_directory.FullName, file), text);
}
