using System.Text;
using CriRuntime.Conmon.Exits;

namespace CriRuntime.Conmon.Tests.Exits;

public sealed class OomCounterTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n", 2)]
    [InlineData("oom_kill_disable 0\nunder_oom 0\noom_kill 7\n", 7)]
    [InlineData("oom_kill 0\n", 0)]
    public void Kills_are_read_from_both_cgroup_versions_files(string content, long expected) =>
        Assert.Equal(expected, OomCounter.Parse(Encoding.ASCII.GetBytes(content)));

    [Theory]
    [InlineData("")]
    [InlineData("oom 3\n")]
    [InlineData("oom_kill_disable 1\n")]
    [InlineData("oom_kill x\n")]
    public void A_file_without_the_line_tells_nothing(string content) =>
        Assert.Null(OomCounter.Parse(Encoding.ASCII.GetBytes(content)));

    [Fact]
    public void Only_kills_after_the_start_count()
    {
        string file = _scratch.File("memory.events");
        File.WriteAllText(file, "oom_kill 4\n");
        OomCounter counter = new([_scratch.Path]);
        Assert.False(counter.HasStruck(killed: false));
        File.WriteAllText(file, "oom_kill 5\n");
        Assert.True(counter.HasStruck(killed: false));
    }

    [Fact]
    public void A_cgroup_that_systemd_removed_first_is_read_from_its_parent_for_one_that_was_killed()
    {
        string own = Directory.CreateDirectory(_scratch.File("pod")).FullName;
        File.WriteAllText(Path.Combine(own, "memory.events"), "oom_kill 0\n");
        File.WriteAllText(_scratch.File("memory.events"), "oom_kill 3\n");
        OomCounter counter = new([own]);
        Directory.Delete(own, recursive: true);
        Assert.False(counter.HasStruck(killed: true));
        File.WriteAllText(_scratch.File("memory.events"), "oom_kill 4\n");
        Assert.True(counter.HasStruck(killed: true));
        Assert.False(counter.HasStruck(killed: false));
    }

    [Fact]
    public void Without_a_memory_cgroup_nothing_struck() => Assert.False(new OomCounter([_scratch.Path]).HasStruck(killed: true));
}
