using System.Text;
using CriRuntime.Conmon.Exits;

namespace CriRuntime.Conmon.Tests.Exits;

public sealed class OomCounterTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();
    private readonly OomLedger _pod = new();

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
        OomCounter counter = _pod.Open([_scratch.Path]);
        Assert.False(counter.HasStruck(0));
        File.WriteAllText(file, "oom_kill 5\n");
        Assert.True(counter.HasStruck(0));
    }

    [Fact]
    public void A_cgroup_that_systemd_removed_first_is_read_from_its_parent_for_one_that_was_killed()
    {
        string own = Directory.CreateDirectory(_scratch.File("pod")).FullName;
        File.WriteAllText(Path.Combine(own, "memory.events"), "oom_kill 0\n");
        File.WriteAllText(_scratch.File("memory.events"), "oom_kill 3\n");
        OomCounter counter = _pod.Open([own]);
        Directory.Delete(own, recursive: true);
        Assert.False(counter.HasStruck(137));
        File.WriteAllText(_scratch.File("memory.events"), "oom_kill 4\n");
        Assert.False(counter.HasStruck(0));
        Assert.True(counter.HasStruck(137));
    }

    [Fact]
    public void One_that_failed_as_its_child_was_killed_is_told_apart_from_one_that_is_gone_beside_it()
    {
        Count(_scratch.Path, 0);
        (string killed, string failed) = (Cgroup("killed"), Cgroup("failed"));
        OomCounter first = _pod.Open([failed]);
        OomCounter second = _pod.Open([killed]);
        Directory.Delete(killed, recursive: true);
        Directory.Delete(failed, recursive: true);
        Count(_scratch.Path, 1);
        Assert.False(first.HasStruck(1)); // it may be the other's, and is
        Assert.True(second.HasStruck(137));
        OomCounter alone = _pod.Open([Cgroup("alone")]);
        Directory.Delete(_scratch.File("alone"), recursive: true);
        Count(_scratch.Path, 2);
        Assert.True(alone.HasStruck(1));
    }

    [Fact]
    public void One_whose_cgroup_goes_while_it_is_asked_is_told_all_the_same()
    {
        // The cgroup can be read at the start and once more, and the pod's counts what it counted.
        Queue<long?> own = new([0, 1]);
        Queue<long?> pods = new([0, 1]);
        OomLedger pod = new(path => !path.EndsWith("/memory.events", StringComparison.Ordinal) ? null
            : (path == "/pod/one/memory.events" ? own : pods).TryDequeue(out long? kills) ? kills : null);
        Assert.True(pod.Open(["/pod/one"]).HasStruck(137));
    }

    [Fact]
    public void One_that_ended_well_was_not_killed_by_what_the_pod_counts()
    {
        Count(_scratch.Path, 0);
        OomCounter counter = _pod.Open([Cgroup("own")]);
        Directory.Delete(_scratch.File("own"), recursive: true);
        Count(_scratch.Path, 1);
        Assert.False(counter.HasStruck(0));
    }

    [Fact]
    public void Kills_of_others_in_the_pod_are_not_taken_for_those_of_a_cgroup_that_is_gone()
    {
        Count(_scratch.Path, 3);
        (string deleted, string living, string own) = (Cgroup("deleted"), Cgroup("living"), Cgroup("own"));
        OomCounter first = _pod.Open([deleted]);
        OomCounter second = _pod.Open([living]);
        Count(deleted, 1);
        Count(_scratch.Path, 4);
        Assert.True(first.HasStruck(137));
        _pod.Forget(first);
        OomCounter third = _pod.Open([own]);
        Count(living, 2);
        Count(_scratch.Path, 6);
        Directory.Delete(own, recursive: true);

        Assert.False(third.HasStruck(137)); // stopped with SIGKILL
        Count(_scratch.Path, 7);
        Assert.True(third.HasStruck(137));
        Directory.Delete(living, recursive: true);
        Assert.True(second.HasStruck(137));
    }

    [Fact]
    public void A_kill_is_taken_for_that_of_one_container_only()
    {
        Count(_scratch.Path, 0);
        (string killed, string stopped) = (Cgroup("killed"), Cgroup("stopped"));
        OomCounter first = _pod.Open([killed]);
        OomCounter second = _pod.Open([stopped]);
        Directory.Delete(killed, recursive: true);
        Directory.Delete(stopped, recursive: true);
        Count(_scratch.Path, 1);
        Assert.True(first.HasStruck(137));
        Assert.False(second.HasStruck(137));
    }

    [Fact]
    public void Without_a_memory_cgroup_nothing_struck() => Assert.False(_pod.Open([_scratch.Path]).HasStruck(137));

    private string Cgroup(string name)
    {
        string directory = Directory.CreateDirectory(_scratch.File(name)).FullName;
        Count(directory, 0);
        return directory;
    }

    private static void Count(string directory, int kills) => File.WriteAllText(Path.Combine(directory, "memory.events"), $"oom_kill {kills}\n");
}
