using CriRuntime.Oci.Specs;

namespace CriRuntime.OciCli.Tests;

/// <summary>Containers that are scopes of systemd, which only the virtual machine of tests/v2 has: run by name there.</summary>
public sealed class SystemdTests : IDisposable
{
    private readonly Bundle bundle = new();

    public SystemdTests()
    {
        bundle.Linux = bundle.Linux with
        {
            CgroupsPath = $"{Slice}:test:{bundle.Id}",
            Resources = new LinuxResources
            {
                Memory = new MemoryResources { Limit = 64 << 20 },
                Cpu = new CpuResources { Quota = 50_000, Period = 100_000 },
                Pids = new PidsResources { Limit = 23 },
            },
        };
    }

    private string Stem => $"criocitest{bundle.Id}";

    private string Slice => $"{Stem}-inner.slice";

    private string Scope => $"test-{bundle.Id}.scope";

    private string Cgroup => $"/sys/fs/cgroup/{Stem}.slice/{Slice}/{Scope}";

    public void Dispose()
    {
        bundle.Dispose();
        CriOci.RunProgram("systemctl", ["stop", $"{Stem}.slice"]).Succeeded();
    }

    [Fact(Explicit = true)]
    public async Task A_container_is_a_scope_with_its_limits_from_its_creation_to_its_deletion()
    {
        Create("sleep 1000 & sleep 1000").Succeeded();
        Assert.Equal(["ActiveState=active", "CPUQuotaPerSecUSec=500ms", "Delegate=yes", "MemoryMax=67108864", $"Slice={Slice}", "TasksMax=23"],
            Properties("ActiveState", "Slice", "Delegate", "MemoryMax", "CPUQuotaPerSecUSec", "TasksMax"));
        Assert.Equal(("67108864", "50000 100000", "23"), (Read("memory.max"), Read("cpu.max"), Read("pids.max")));
        Assert.Contains("\"created\"", bundle.Status(), StringComparison.Ordinal);

        // None of the later commands is given the flag.
        bundle.Command("start", bundle.Id).Succeeded();
        Assert.Equal("0::/", bundle.Command("exec", bundle.Id, "/bin/cat", "/proc/self/cgroup").Succeeded().Trim());
        Assert.Contains("sleep 1000", bundle.Command("ps", bundle.Id).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("\"running\"", bundle.Status(), StringComparison.Ordinal);
        bundle.Command("pause", bundle.Id).Succeeded();
        bundle.Command("resume", bundle.Id).Succeeded();
        bundle.Command("kill", "--all", bundle.Id, "KILL").Succeeded();
        Assert.True(await bundle.WaitForStatus("stopped"));
        bundle.Command("delete", bundle.Id).Succeeded();
        Assert.Equal(["LoadState=not-found"], Properties("LoadState"));
        Assert.False(Directory.Exists(Cgroup));
    }

    [Fact(Explicit = true)]
    public void Updated_limits_are_the_scope_s_too_so_that_a_reload_undoes_nothing()
    {
        Create("sleep 1000").Succeeded();
        bundle.Command("update", "--memory", "96m", "--cpu-quota", "70000", "--pids-limit", "31", bundle.Id).Succeeded();
        CriOci.RunProgram("systemctl", ["daemon-reload"]).Succeeded();
        Assert.Equal(["CPUQuotaPerSecUSec=700ms", "MemoryMax=100663296", "TasksMax=31"], Properties("MemoryMax", "CPUQuotaPerSecUSec", "TasksMax"));
        Assert.Equal(("100663296", "70000 100000", "31"), (Read("memory.max"), Read("cpu.max"), Read("pids.max")));
        bundle.Command("update", "--cpuset-cpus", "4000", bundle.Id).Failed();
        Assert.Equal("100663296", Read("memory.max"));
        bundle.Command("delete", "--force", bundle.Id).Succeeded();
        Assert.Equal(["LoadState=not-found"], Properties("LoadState"));
    }

    [Fact(Explicit = true)]
    public void A_container_that_cannot_start_or_runs_to_its_end_leaves_its_exit_code_and_a_free_name()
    {
        bundle.Process = bundle.Process with { Args = ["/no/such"] };
        bundle.Command("--systemd-cgroup", "run", "--bundle", bundle.Directory, bundle.Id).Failed("/no/such");
        Assert.Equal(["LoadState=not-found"], Properties("LoadState"));
        Outcome outcome = Run("cat /sys/fs/cgroup/memory.max; exit 7");
        Assert.Equal((7, "67108864\n"), (outcome.ExitCode, outcome.Output));
        Assert.Equal(["LoadState=not-found"], Properties("LoadState"));
        Assert.False(Directory.Exists(Cgroup));
    }

    [Fact(Explicit = true)]
    public void Annotations_are_properties_and_one_that_systemd_refuses_fails_in_its_words()
    {
        bundle.Spec = bundle.Spec with { Annotations = new Dictionary<string, string> { ["org.systemd.property.TimeoutStopSec"] = "7", ["org.systemd.property.Description"] = "'of a test'" } };
        Create("sleep 1000").Succeeded();
        Assert.Equal(["Description=of a test", "TimeoutStopUSec=7s"], Properties("TimeoutStopUSec", "Description"));
        bundle.Command("delete", "--force", bundle.Id).Succeeded();
        bundle.Spec = bundle.Spec with { Annotations = new Dictionary<string, string> { ["org.systemd.property.NoSuchThing"] = "7" } };
        Create("sleep 1000").Failed("systemd", "NoSuchThing");
        Assert.False(Directory.Exists(Cgroup));
    }

    [Fact(Explicit = true)]
    public void A_scope_of_another_container_is_refused_and_lives_on()
    {
        Create("sleep 1000").Succeeded();
        string first = bundle.Status();
        bundle.Linux = bundle.Linux with { CgroupsPath = $"{Stem}-inner.slice:test:{bundle.Id}" };
        string second = bundle.NewId();
        bundle.Command("--systemd-cgroup", "create", "--bundle", bundle.Directory, second).Failed(Scope, "has processes already");
        // The same unit elsewhere: systemd says no.
        bundle.Linux = bundle.Linux with { CgroupsPath = $"{Stem}-other.slice:test:{bundle.Id}" };
        bundle.Command("--systemd-cgroup", "create", "--bundle", bundle.Directory, second).Failed(Scope);
        Assert.Equal(["ActiveState=active"], Properties("ActiveState"));
        Assert.Equal(first, bundle.Status());
    }

    private Outcome Create(string script) => bundle.CreateWith(["--systemd-cgroup"], script);

    private Outcome Run(string script)
    {
        bundle.Process = bundle.Process with { Args = ["/bin/sh", "-c", script] };
        return bundle.Command("--systemd-cgroup", "run", "--bundle", bundle.Directory, bundle.Id);
    }

    private string Read(string file) => File.ReadAllText($"{Cgroup}/{file}").Trim();

    /// <summary>Of the scope, <c>NAME=VALUE</c> in the names' order.</summary>
    private string[] Properties(params string[] names) =>
        [.. CriOci.RunProgram("systemctl", ["show", "-p", string.Join(',', names), Scope]).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
}
