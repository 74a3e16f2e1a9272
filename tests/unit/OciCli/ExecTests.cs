using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Lifecycle;
using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.OciCli.Tests;

public sealed class ExecTests : IDisposable
{
    private readonly Bundle bundle = new();

    public ExecTests()
    {
        bundle.Create("sleep 60").Succeeded();
        bundle.Command("start", bundle.Id).Succeeded();
    }

    public void Dispose() => bundle.Dispose();

    [Fact]
    public void A_process_joins_every_namespace_and_cgroup()
    {
        string first = bundle.Command("exec", bundle.Id, "sh", "-c", "readlink /proc/1/ns/net /proc/1/ns/mnt /proc/1/ns/pid /proc/1/ns/uts /proc/1/ns/ipc; cat /proc/1/cgroup").Succeeded();
        string own = bundle.Command("exec", bundle.Id, "sh", "-c", "readlink /proc/self/ns/net /proc/self/ns/mnt /proc/self/ns/pid /proc/self/ns/uts /proc/self/ns/ipc; cat /proc/self/cgroup").Succeeded();
        Assert.Equal(first, own);
        Assert.DoesNotContain("/..", own, StringComparison.Ordinal);
    }

    [Fact]
    public void Exit_status_and_output_come_back()
    {
        Outcome outcome = bundle.Command("exec", bundle.Id, "sh", "-c", "echo out; echo err >&2; exit 5");
        Assert.Equal(new Outcome(5, "out\n", "err\n"), outcome);
    }

    [Fact]
    public void Options_change_user_directory_and_environment() =>
        Assert.Equal("7 8\n/tmp\nvalue\n", bundle.Command("exec", "-u", "7:8", "--cwd", "/tmp", "-e", "NAME=value", bundle.Id, "sh", "-c", "echo $(id -u) $(id -g); pwd; echo $NAME").Succeeded());

    // 4294967295 is -1, which setresuid(2) takes for "leave as it is": the process would be root.
    [Theory]
    [InlineData("4294967295")]
    [InlineData("4294967296")]
    [InlineData("7:4294967295")]
    [InlineData("-1")]
    [InlineData("+0")]
    [InlineData("")]
    [InlineData("7:")]
    [InlineData("7:8:9")]
    [InlineData("nobody")]
    [InlineData("0x0")]
    [InlineData(" 7")]
    public void A_user_that_is_no_id_is_refused(string user) =>
        Assert.DoesNotContain("uid=", bundle.Command("exec", "-u", user, bundle.Id, "id").Failed(), StringComparison.Ordinal);

    [Fact]
    public void It_has_no_more_rights_than_the_container()
    {
        string status = bundle.Command("exec", bundle.Id, "cat", "/proc/self/status").Succeeded();
        Assert.Contains("NoNewPrivs:\t1", status, StringComparison.Ordinal);
        Assert.Equal(Capabilities(bundle.Command("exec", bundle.Id, "cat", "/proc/1/status").Succeeded()), Capabilities(status));
    }

    [Fact]
    public void No_descriptor_leaks_into_it() =>
        Assert.Equal("0\n1\n2\n3\n", bundle.Command("exec", bundle.Id, "ls", "/proc/self/fd").Succeeded());

    [Fact]
    public void A_missing_program_is_named() =>
        bundle.Command("exec", bundle.Id, "missing").Failed("exec in container", "exec: \"missing\": executable file not found in $PATH");

    // CVE-2024-21626 for exec.
    [Fact]
    public void A_working_directory_outside_of_the_root_is_refused() =>
        bundle.Command("exec", "--cwd", "/proc/self/fd/4", bundle.Id, "ls").Failed();

    [Fact]
    public async Task A_stopped_container_takes_no_process()
    {
        bundle.Command("kill", bundle.Id, "KILL").Succeeded();
        Assert.True(await bundle.WaitForStatus(ContainerStatus.Stopped));
        bundle.Command("exec", bundle.Id, "true").Failed();
    }

    [Fact]
    public void Ps_lists_the_processes_of_the_container() =>
        Assert.Contains("sleep 60", bundle.Command("ps", bundle.Id).Succeeded(), StringComparison.Ordinal);

    private static IEnumerable<string> Capabilities(string status) =>
        status.Split('\n').Where(static l => l.StartsWith("Cap", StringComparison.Ordinal));

    // On a host with v1 hierarchies the same plan leaves the process in the container's cgroups.
    [Fact]
    public void A_further_process_has_a_cgroup_of_its_own_where_cgroups_kill()
    {
        Container container = Container.Open(new ContainerStore(bundle.Root), bundle.Id);
        LaunchPlan plan = ExecPlanner.PlanExec(bundle.Process with { Args = ["/bin/cat", "/proc/self/cgroup"] }, new ExecTarget
        {
            ContainerId = bundle.Id,
            Pid = container.Record.Pid,
            StartTime = container.Record.StartTime,
            Namespaces = bundle.Linux.Namespaces,
            Host = HostFacts.Detect(),
            Cgroup = container.Cgroup,
            ExecCgroup = "probe",
        });
        string[] places = PlanFile.Launch(plan, bundle.Directory).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        bool own = container.Cgroup.Version == CgroupVersion.V2;
        Assert.All(places, place => Assert.EndsWith(own ? ":/exec-probe" : ":/", place, StringComparison.Ordinal));
        Assert.Equal(own, container.Cgroup.Exec("probe") is { } directory && Directory.Exists(directory.Path));
        bundle.Command("delete", "--force", bundle.Id).Succeeded();
        Assert.DoesNotContain(container.Cgroup.Directories, static d => Directory.Exists(d.Path));
    }
}
