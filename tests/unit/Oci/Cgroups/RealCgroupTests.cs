using CriRuntime.Linux;
using CriRuntime.Linux.Cgroups;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Control;
using CriRuntime.Oci.Cgroups.Stats;
using CriRuntime.Oci.Specs;
using Process = System.Diagnostics.Process;

namespace CriRuntime.Oci.Tests.Cgroups;

/// <summary>Against this machine's kernel: needs root.</summary>
public sealed class RealCgroupTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Limits_are_in_force_after_the_steps()
    {
        await using var cgroup = new RealCgroup(new LinuxResources
        {
            Memory = new MemoryResources { Limit = 64 << 20, Swap = 64 << 20 },
            Pids = new PidsResources { Limit = 20 },
            Cpu = new CpuResources { Shares = 512, Quota = 50_000, Period = 100_000, Cpus = "0" },
        });

        CgroupStats stats = new StatsReader(cgroup.Placement).Read(StatsParts.All);

        Assert.Equal(64UL << 20, stats.Memory!.Value.Limit);
        Assert.Equal(0UL, stats.Memory.Value.SwapLimit);
        Assert.Equal(20UL, stats.Pids!.Value.Limit);
        Assert.Equal("0", File.ReadAllText(cgroup.FileOf("cpuset", "cpuset.cpus")).Trim());
    }

    [Fact]
    public async Task Denied_devices_cannot_be_opened_and_default_ones_can()
    {
        await using var cgroup = new RealCgroup();

        Process process = cgroup.Run("head -c1 /dev/zero >/dev/null && echo zero; head -c1 /dev/mem >/dev/null 2>&1 || echo refused");

        Assert.Equal("zero\nrefused\n", await process.StandardOutput.ReadToEndAsync(Token));
    }

    [Fact]
    public async Task The_kernel_accepts_generated_device_programs_and_replaces_them_without_a_gap()
    {
        await using var cgroup = new RealCgroup();
        string directory = cgroup.Placement.Unified!.Path;
        DeviceRule[][] sets = [[], [new DeviceRule { Allow = true, Access = "rwm" }], [.. Enumerable.Range(0, 200).Select(static i => new DeviceRule { Allow = i % 2 == 0, Type = "c", Major = i, Access = "rw" })]];

        foreach (DeviceRule[] rules in sets)
        {
            CgroupSetup setup = Hosts.Plan(Hosts.Unified, new LinuxResources { Devices = rules });
            DeviceProgramAttachment.Replace(directory, setup.Steps.OfType<CgroupStep.AttachDeviceProgram>().Single().Program.AsSpan());

            Assert.Equal(1, DeviceProgramAttachment.Count(directory));
        }
    }

    [Fact]
    public async Task An_attached_program_decides_about_opens()
    {
        await using var cgroup = new RealCgroup(new LinuxResources { Devices = [new DeviceRule { Allow = true, Access = "rwm" }] });
        CgroupSetup setup = Hosts.Plan(Hosts.Unified, new LinuxResources());
        DeviceProgramAttachment.Replace(cgroup.Placement.Unified!.Path, setup.Steps.OfType<CgroupStep.AttachDeviceProgram>().Single().Program.AsSpan());

        Process process = cgroup.Run("head -c1 /dev/zero >/dev/null && echo zero; head -c1 /dev/mem >/dev/null 2>&1 || echo refused");

        Assert.Equal("zero\nrefused\n", await process.StandardOutput.ReadToEndAsync(Token));
    }

    [Fact]
    public async Task Statistics_count_time_memory_and_tasks()
    {
        await using var cgroup = new RealCgroup();
        cgroup.Run("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done; sleep 60").StandardOutput.ReadLine();

        var reader = new StatsReader(cgroup.Placement);
        CgroupStats stats = reader.Read(StatsParts.All);
        // The kernel gathers the details of memory.stat every two seconds, and the shell starts its child after its word.
        for (int i = 0; (stats.Memory!.Value.PageFaults == 0 || stats.Pids!.Value.Current < 2) && i < 400; i++)
        {
            await Task.Delay(50, Token);
            stats = reader.Read(StatsParts.All);
        }

        Assert.True(stats.Cpu!.Value.UsageNanoseconds > 1_000_000);
        Assert.True(stats.Memory!.Value.Usage > 0);
        Assert.True(stats.Memory.Value.WorkingSet <= stats.Memory.Value.Usage);
        Assert.True(stats.Memory.Value.PageFaults > 0);
        Assert.Null(stats.Memory.Value.Limit);
        Assert.Equal(2UL, stats.Pids!.Value.Current);
        Assert.NotNull(stats.Io);
        Assert.NotNull(stats.CpuPressure);
    }

    [Fact]
    public void Statistics_of_a_cgroup_that_is_gone_are_empty()
    {
        CgroupStats stats = new StatsReader(CgroupPlacement.For(CgroupHierarchy.Detect(), "/criruntime-test-none/x")).Read(StatsParts.All);

        Assert.Null(stats.Cpu);
        Assert.Null(stats.Memory);
        Assert.Null(stats.Pids);
    }

    [Fact]
    public async Task Killing_reaches_every_process_even_of_a_fork_storm_and_frozen_ones()
    {
        await using var cgroup = new RealCgroup(new LinuxResources { Pids = new PidsResources { Limit = 200 } });
        Process storm = cgroup.Run("while :; do (sleep 60 &) ; sh -c 'sleep 60 & sleep 60 &' ; done 2>/dev/null");
        new CgroupFreezer(cgroup.Placement).Freeze();

        Assert.True(await new CgroupKill(cgroup.Placement).KillAllAsync(TimeSpan.FromSeconds(10), Token));
        await storm.WaitForExitAsync(Token);
        Assert.Equal(137, storm.ExitCode);
    }

    [Fact]
    public async Task Signals_reach_the_processes_of_child_cgroups()
    {
        await using var cgroup = new RealCgroup();
        string child = Directory.CreateDirectory(cgroup.Placement.Unified!.Path + "/child").FullName;
        Process process = cgroup.Run($"echo $$ > {child}/cgroup.procs; echo moved; exec sleep 60");
        process.StandardOutput.ReadLine();

        Assert.Equal(1, CgroupProcesses.Signal(cgroup.Placement.Unified.Path, 9));
        await process.WaitForExitAsync(Token);
    }

    [Fact]
    public async Task A_frozen_container_stands_still_until_it_is_thawed()
    {
        await using var cgroup = new RealCgroup();
        Process process = cgroup.Run("while :; do :; done");
        var freezer = new CgroupFreezer(cgroup.Placement);

        freezer.Freeze();
        for (int i = 0; !freezer.IsFrozen() && i < 1000; i++)
            await Task.Delay(1, Token);
        var reader = new StatsReader(cgroup.Placement);
        ulong before = reader.Read().Cpu!.Value.UsageNanoseconds;
        await Task.Delay(20, Token);

        Assert.True(freezer.IsFrozen());
        Assert.Equal(before, reader.Read().Cpu!.Value.UsageNanoseconds);
        freezer.Thaw();
        Assert.False(freezer.IsFrozen());
    }

    [Fact]
    public async Task An_out_of_memory_kill_is_counted()
    {
        await using var cgroup = new RealCgroup(new LinuxResources { Memory = new MemoryResources { Limit = 8 << 20, Swap = 8 << 20 } });
        var counter = new OomCounter(cgroup.Placement);
        Assert.Equal(0UL, counter.Read());

        Process process = cgroup.Run("exec tail /dev/zero");
        await process.WaitForExitAsync(Token);

        Assert.Equal(137, process.ExitCode);
        Assert.Equal(1UL, counter.Read());
    }

    [Fact]
    public async Task Reading_the_oom_counter_allocates_nothing()
    {
        await using var cgroup = new RealCgroup();
        var counter = new OomCounter(cgroup.Placement);
        counter.Read();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            counter.Read();

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData(64L << 20, 128L << 20)]
    [InlineData(8L << 20, 8L << 20)]
    public async Task Memory_and_swap_can_be_raised_and_lowered_in_one_update(long limit, long swap)
    {
        await using var cgroup = new RealCgroup(new LinuxResources { Memory = new MemoryResources { Limit = 32 << 20, Swap = 32 << 20 }, Cpu = new CpuResources { Quota = 50_000, Period = 100_000 } });

        CgroupUpdate.Apply(cgroup.Placement, new LinuxResources { Memory = new MemoryResources { Limit = limit, Swap = swap }, Cpu = new CpuResources { Quota = 1_000_000, Period = 1_000_000, Shares = 100 } });

        MemoryStats memory = new StatsReader(cgroup.Placement).Read().Memory!.Value;
        Assert.Equal((ulong)limit, memory.Limit);
        Assert.Equal((ulong)(swap - limit), memory.SwapLimit);
    }

    [Fact]
    public async Task An_update_that_the_kernel_refuses_names_the_file_and_the_value()
    {
        await using var cgroup = new RealCgroup();

        var e = Assert.Throws<LinuxException>(() => CgroupUpdate.Apply(cgroup.Placement, new LinuxResources { Cpu = new CpuResources { Cpus = "4000" } }));

        Assert.Contains("write \"4000\" to", e.Message, StringComparison.Ordinal);
        Assert.Contains("cpuset.cpus", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_that_is_refused_half_way_leaves_every_limit_as_it_was()
    {
        await using var cgroup = new RealCgroup(new LinuxResources
        {
            Memory = new MemoryResources { Limit = 32 << 20, Swap = 48 << 20 },
            Cpu = new CpuResources { Shares = 512, Quota = 50_000, Period = 100_000, Cpus = "0" },
        });
        string[] files = [.. LimitFiles(cgroup)];
        string[] before = [.. files.Select(File.ReadAllText)];

        Assert.Throws<LinuxException>(() => CgroupUpdate.Apply(cgroup.Placement, new LinuxResources
        {
            Memory = new MemoryResources { Limit = 64 << 20, Swap = 64 << 20 },
            Cpu = new CpuResources { Shares = 700, Quota = 20_000, Period = 50_000, Mems = "900" },
        }));

        Assert.Equal(before, files.Select(File.ReadAllText));
    }

    [Fact]
    public async Task What_was_updated_can_be_taken_back()
    {
        await using var cgroup = new RealCgroup(new LinuxResources { Memory = new MemoryResources { Limit = 32 << 20, Swap = 48 << 20 } });
        string[] files = [.. LimitFiles(cgroup)];
        string[] before = [.. files.Select(File.ReadAllText)];

        LimitChanges changes = CgroupUpdate.Apply(cgroup.Placement, new LinuxResources
        {
            Memory = new MemoryResources { Limit = 64 << 20, Swap = 96 << 20 },
            Cpu = new CpuResources { Shares = 700, Quota = 20_000, Period = 50_000 },
        });

        Assert.NotEqual(before, files.Select(File.ReadAllText));
        Assert.Empty(changes.Revert());
        Assert.Equal(before, files.Select(File.ReadAllText));
    }

    [Fact]
    public async Task A_memory_limit_below_what_cannot_be_reclaimed_is_refused_with_both_numbers()
    {
        await using var cgroup = new RealCgroup(new LinuxResources { Memory = new MemoryResources { Limit = 256 << 20, Swap = 256 << 20 } });
        Process process = cgroup.Run("x=$(head -c 40000000 /dev/zero | tr '\\0' x); echo full; sleep 1000");
        Assert.Equal("full", await process.StandardOutput.ReadLineAsync(Token));

        var e = Assert.Throws<CgroupException>(() => CgroupUpdate.Apply(cgroup.Placement, new LinuxResources { Memory = new MemoryResources { Limit = 8 << 20, Swap = 8 << 20, CheckBeforeUpdate = IsV2(cgroup) } }));

        Assert.Matches(@"memory limit \(8388608\) is below the present usage \(\d{8,}\)", e.Message);
        Assert.Equal(256UL << 20, new StatsReader(cgroup.Placement).Read().Memory!.Value.Limit);
        Assert.False(process.HasExited);
    }

    [Fact]
    public async Task The_oom_score_of_running_processes_can_be_raised()
    {
        await using var cgroup = new RealCgroup();
        Process process = cgroup.Run("sleep 1000");

        Assert.Equal(Errno.None, OomScore.Set(cgroup.Placement, 876));

        Assert.Equal("876\n", await File.ReadAllTextAsync($"/proc/{process.Id}/oom_score_adj", Token));
    }

    private static bool IsV2(RealCgroup cgroup) => cgroup.Placement.Version == CgroupVersion.V2;

    private static IEnumerable<string> LimitFiles(RealCgroup cgroup) => IsV2(cgroup)
        ? [cgroup.FileOf("memory", "memory.max"), cgroup.FileOf("memory", "memory.swap.max"), cgroup.FileOf("cpu", "cpu.weight"), cgroup.FileOf("cpu", "cpu.max")]
        :
        [
            cgroup.FileOf("memory", "memory.limit_in_bytes"), cgroup.FileOf("memory", "memory.memsw.limit_in_bytes"),
            cgroup.FileOf("cpu", "cpu.shares"), cgroup.FileOf("cpu", "cpu.cfs_quota_us"), cgroup.FileOf("cpu", "cpu.cfs_period_us"),
        ];

    [Fact]
    public async Task A_limit_below_the_usage_can_be_refused_beforehand()
    {
        await using var cgroup = new RealCgroup();
        cgroup.Run("sleep 60");

        var e = Assert.Throws<CgroupException>(() => CgroupUpdate.Apply(cgroup.Placement, new LinuxResources { Memory = new MemoryResources { Limit = 4096, CheckBeforeUpdate = true } }));

        Assert.Contains("below the present usage", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleting_removes_what_the_container_made_below_and_waits_for_its_processes()
    {
        await using var cgroup = new RealCgroup();
        foreach (CgroupDirectory directory in cgroup.Placement.Directories)
            Directory.CreateDirectory(directory.Path + "/a/b/c");
        Process process = cgroup.Run("exec sleep 60");

        Assert.False(CgroupDelete.TryDelete(cgroup.Placement));
        var e = await Assert.ThrowsAsync<CgroupException>(() => CgroupDelete.DeleteAsync(cgroup.Placement, TimeSpan.FromMilliseconds(20), Token));
        Assert.Contains("is still busy", e.Message, StringComparison.Ordinal);
        Assert.Contains("with 1 processes in it", e.Message, StringComparison.Ordinal);

        new CgroupKill(cgroup.Placement).TryKillAll();
        await CgroupDelete.DeleteAsync(cgroup.Placement, TimeSpan.FromSeconds(10), Token);
        Assert.All(cgroup.Placement.Directories, static d => Assert.False(Directory.Exists(d.Path)));
        await process.WaitForExitAsync(Token);
        Assert.True(CgroupDelete.TryDelete(cgroup.Placement));
    }
}
