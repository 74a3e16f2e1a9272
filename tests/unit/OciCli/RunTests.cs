using CriRuntime.Oci.Planning;
using CriRuntime.Oci.Specs;

namespace CriRuntime.OciCli.Tests;

public sealed class RunTests : IDisposable
{
    private readonly Bundle bundle = new();

    public void Dispose() => bundle.Dispose();

    [Fact]
    public void The_exit_status_of_the_process_is_that_of_the_command() =>
        Assert.Equal(7, bundle.Run("exit 7").ExitCode);

    [Fact]
    public void A_process_that_a_signal_ended_counts_128_more()
    {
        bundle.Linux = bundle.Linux with { Namespaces = [.. bundle.Linux.Namespaces.Where(static n => n.Type != LinuxNamespaceType.Pid)] };
        Assert.Equal(128 + 9, bundle.Run("kill -9 $$").ExitCode);
    }

    [Fact]
    public void Nothing_is_left_after_the_end()
    {
        bundle.Run("true").Succeeded();
        Assert.DoesNotContain(bundle.Directory, File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(bundle.Root, bundle.Id)));
        Assert.DoesNotContain(Directory.EnumerateDirectories("/sys/fs/cgroup"), d => Directory.Exists($"{d}{bundle.Linux.CgroupsPath}"));
    }

    [Fact]
    public void The_process_is_the_first_of_its_namespaces()
    {
        string output = bundle.Run("echo pid=$$; hostname; ls -l /proc/self/ns; ip -o link 2>/dev/null").Succeeded();
        Assert.Contains("pid=1\n", output, StringComparison.Ordinal);
        Assert.Contains("cri-oci\n", output, StringComparison.Ordinal);
        foreach (string type in new[] { "pid", "net", "ipc", "uts", "mnt", "cgroup" })
        {
            string own = new FileInfo($"/proc/self/ns/{type}").LinkTarget!;
            Assert.DoesNotContain(own, output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_program_is_looked_up_in_the_PATH_of_the_container()
    {
        bundle.Process = bundle.Process with { Env = ["PATH=/nowhere:/bin", "GREETING=hello"] };
        Assert.Contains("GREETING=hello", bundle.Run("env").Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_of_the_environment_that_are_not_UTF_8_arrive_as_they_are()
    {
        Spec spec = bundle.Spec with { Process = bundle.Process with { Args = ["/bin/sh", "-c", "printf %s \"$RAW\" | od -An -tx1"], Env = ["PATH=/bin", "RAW=\uDC80\uDCFFé"] } };
        LaunchPlan plan = LaunchPlanner.Plan(spec, new PlanOptions { ContainerId = bundle.Id, Rootfs = new DirectoryRootfs(bundle.Rootfs), Host = HostFacts.Detect() });
        Assert.Equal(" 80 ff c3 a9\n", PlanFile.Launch(plan, bundle.Directory).Succeeded());
    }

    [Fact]
    public async Task The_command_was_executed_anew_before_its_runtime_started_and_has_no_thread_for_signals()
    {
        bundle.Process = bundle.Process with { Args = ["/bin/sleep", "30"] };
        SpecJson.Save(bundle.Spec, Path.Combine(bundle.Directory, "config.json"));
        using System.Diagnostics.Process run = CriOci.Start(CriOci.Path, ["--root", bundle.Root, "run", "--bundle", bundle.Directory, bundle.Id]);
        for (int i = 0; i < 500 && !File.Exists(Path.Combine(bundle.Root, bundle.Id, "state.json")); i++)
            await Task.Delay(20);
        Assert.Contains("CRI_READ_ONLY_EXECUTABLE=1", File.ReadAllText($"/proc/{run.Id}/environ"), StringComparison.Ordinal);
        Assert.Equal("cri-oci\n", File.ReadAllText($"/proc/{run.Id}/comm"));
        Assert.Equal(2, Directory.GetDirectories($"/proc/{run.Id}/task").Length); // its own, and the runtime's for finalizers
        bundle.Command("kill", bundle.Id, "KILL").Succeeded();
        Assert.True(run.WaitForExit(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void A_missing_program_is_named()
    {
        bundle.Run(["no-such-program"]).Failed("create container", "exec: \"no-such-program\": executable file not found in $PATH");
        Assert.False(Directory.Exists(Path.Combine(bundle.Root, bundle.Id)));
    }

    [Fact]
    public void Signals_are_the_defaults_and_none_is_blocked()
    {
        string status = bundle.Run("/bin/cat", "/proc/self/status").Succeeded();
        Assert.Contains("SigBlk:\t0000000000000000", status, StringComparison.Ordinal);
        Assert.Contains("SigIgn:\t0000000000000000", status, StringComparison.Ordinal);
        Assert.Contains("SigCgt:\t0000000000000000", status, StringComparison.Ordinal);
    }

    [Fact]
    public void No_descriptor_but_the_standard_ones_is_inherited()
    {
        string[] fds = bundle.Run("/bin/ls", "/proc/self/fd").Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["0", "1", "2", "3"], fds); // 3 is the directory being listed
    }

    [Fact]
    public void User_groups_umask_and_directory_are_those_of_the_specification()
    {
        bundle.Process = bundle.Process with { User = new User { Uid = 1000, Gid = 2000, AdditionalGids = [3000, 4000], Umask = 63 }, Cwd = "/tmp" };
        string output = bundle.Run("id -u; id -g; grep Groups /proc/self/status; umask; pwd").Succeeded();
        Assert.Equal("1000\n2000\nGroups:\t3000 4000 \n0077\n/tmp\n", output);
    }

    [Fact]
    public void A_missing_working_directory_is_made()
    {
        bundle.Process = bundle.Process with { Cwd = "/made/for/me" };
        Assert.Equal("/made/for/me\n", bundle.Run("pwd").Succeeded());
    }

    [Fact]
    public void Limits_are_set()
    {
        bundle.Process = bundle.Process with { Rlimits = [new Rlimit { Type = "RLIMIT_NOFILE", Soft = 111, Hard = 222 }] };
        Assert.Equal("111\n222\n", bundle.Run("ulimit -Sn; ulimit -Hn").Succeeded());
    }

    [Fact]
    public void Oom_score_is_set()
    {
        bundle.Process = bundle.Process with { OomScoreAdj = 321 };
        Assert.Equal("321\n", bundle.Run("cat /proc/self/oom_score_adj").Succeeded());
    }

    [Fact]
    public void Kernel_parameters_of_the_namespaces_are_set()
    {
        bundle.Linux = bundle.Linux with { Sysctl = new Dictionary<string, string> { ["net.ipv4.ip_forward"] = "1", ["kernel.shm_rmid_forced"] = "1" } };
        Assert.Equal("1\n1\n", bundle.Run("cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced").Succeeded());
        Assert.Equal("0\n", File.ReadAllText("/proc/sys/kernel/shm_rmid_forced"));
    }

    [Fact]
    public void Resource_limits_are_those_of_the_specification()
    {
        bundle.Linux = bundle.Linux with { Resources = new LinuxResources { Pids = new PidsResources { Limit = 20 }, Memory = new MemoryResources { Limit = 64 << 20 } } };
        Assert.Equal("20\n67108864\n", bundle.Run("cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/memory/memory.limit_in_bytes").Succeeded());
    }

    [Fact]
    public void Time_offsets_apply()
    {
        bundle.Linux = bundle.Linux with
        {
            Namespaces = [.. bundle.Linux.Namespaces, new LinuxNamespace { Type = LinuxNamespaceType.Time }],
            TimeOffsets = new Dictionary<string, LinuxTimeOffset> { ["boottime"] = new() { Secs = 1_000_000 } },
        };
        double uptime = double.Parse(bundle.Run("cat /proc/uptime").Succeeded().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(uptime > 1_000_000, $"{uptime}");
    }
}
