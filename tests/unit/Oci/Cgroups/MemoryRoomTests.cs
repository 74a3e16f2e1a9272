using CriRuntime.Linux;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Control;

namespace CriRuntime.Oci.Tests.Cgroups;

/// <summary>On a directory that looks like a v2 cgroup; nothing is reclaimed in it.</summary>
public sealed class MemoryRoomTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("memory-room-").FullName;

    public MemoryRoomTests()
    {
        Write("memory.current", "5000");
        Write("memory.high", "max");
        Write("memory.max", "9000");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_v2_limit_that_would_kill_is_refused_with_both_numbers_and_the_old_ones_stay()
    {
        var e = Assert.Throws<CgroupException>(() => MemoryRoom.LowerMax(_directory + "/memory.max", "4096", new LimitChanges()));
        Assert.Contains("(4096) is below the present usage (5000)", e.Message, StringComparison.Ordinal);
        Assert.Equal("9000", Read("memory.max"));
        Assert.StartsWith("max", Read("memory.high"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_v2_limit_above_the_usage_is_written_and_can_be_taken_back()
    {
        LimitChanges changes = new();
        Assert.Equal(Errno.None, MemoryRoom.LowerMax(_directory + "/memory.max", "6000", changes));
        Assert.Equal("6000", Read("memory.max"));
        Assert.Empty(changes.Revert());
        Assert.Equal("9000", Read("memory.max"));
    }

    private void Write(string file, string text) => File.WriteAllText($"{_directory}/{file}", text + "\n");

    private string Read(string file) => File.ReadAllText($"{_directory}/{file}").TrimEnd('\n');
}
