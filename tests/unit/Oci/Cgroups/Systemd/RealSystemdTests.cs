using CriRuntime.Linux.Cgroups;
using CriRuntime.Linux.Systemd;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Cgroups.Control;
using CriRuntime.Oci.Cgroups.Systemd;
using CriRuntime.Oci.Specs;
using Process = System.Diagnostics.Process;

namespace CriRuntime.Oci.Tests.Cgroups.Systemd;

/// <summary>Against systemd itself, which only the virtual machine of tests/v2 has: run by name there.</summary>
public sealed class RealSystemdTests : IDisposable
{
    private static readonly LinuxResources Limits = new()
    {
        Cpu = new CpuResources { Shares = 512, Quota = 33_333, Period = 100_000, Cpus = "0" },
        Memory = new MemoryResources { Limit = 64 << 20, Swap = 64 << 20 },
        Pids = new PidsResources { Limit = 23 },
        Unified = new Dictionary<string, string>(StringComparer.Ordinal) { ["memory.high"] = "60000000", ["memory.oom.group"] = "1" },
    };

    private static readonly string[] Files = ["cpu.weight", "cpuset.cpus", "memory.max", "memory.swap.max", "memory.high", "memory.oom.group", "pids.max"];

    private readonly SystemdUnits units = new();
    private readonly string id = Guid.NewGuid().ToString("N");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Slice => $"criruntimetest{id}.slice";

    private string Scope => $"criruntime-{id}.scope";

    public void Dispose() => units.Dispose();

    [Fact(Explicit = true)]
    public async Task Systemd_answers() => Assert.Matches("^[0-9]+", await units.VersionAsync(Token));

    [Fact(Explicit = true)]
    public async Task A_container_born_in_its_scope_s_cgroup_stays_there_with_its_limits_through_reload_and_reexec()
    {
        await using RealCgroup cgroup = new("/" + Slice, Scope, Limits);
        await units.StartTransientAsync(Slice, TransientUnits.Slice("a test"), Token);
        Process process = cgroup.Run("exec sleep 1000");
        await AdoptAsync(cgroup, process);
        // Not every systemd has a property for memory.oom.group, and those that have none set the file to 0 whenever they apply the others.
        CgroupUpdate.Apply(cgroup.Placement, Limits);
        string[] before = Read(cgroup);

        Assert.Equal($"0::/{Slice}/{Scope}", (await File.ReadAllTextAsync($"/proc/{process.Id}/cgroup", Token)).Trim());
        Assert.Equal("0", before[1]);
        Assert.Equal("67108864", before[2]);
        Assert.Equal("1", before[5]);
        Assert.Equal(23ul, await units.ScopeNumberAsync(Scope, "TasksMax", Token));

        foreach (string command in (string[])["daemon-reload", "daemon-reexec", "daemon-reload"])
        {
            TaskCompletionSource reloaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
            void OnReloaded() => reloaded.TrySetResult();
            units.Reloaded += OnReloaded;
            await SystemctlAsync(command);
            Assert.Equal("active", await units.ActiveStateAsync(Scope, Token));
            await reloaded.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
            units.Reloaded -= OnReloaded;
            CgroupUpdate.Apply(cgroup.Placement, Limits);
            Assert.Equal(before, Read(cgroup));
            Assert.Equal(1, DeviceProgramAttachment.Count(cgroup.Placement.Unified!.Path));
            Assert.False(process.HasExited);
        }
        Assert.Equal("33333 100000", File.ReadAllText(cgroup.FileOf("cpu", "cpu.max")).Trim());

        await units.StopAsync(Scope, Token);
        await process.WaitForExitAsync(Token);
        await units.StopAsync(Slice, Token);
    }

    [Fact(Explicit = true)]
    public async Task An_updated_limit_is_not_undone_by_a_reload()
    {
        await using RealCgroup cgroup = new("/" + Slice, Scope, Limits);
        Process process = cgroup.Run("exec sleep 1000");
        await AdoptAsync(cgroup, process);
        LinuxResources more = new() { Memory = new MemoryResources { Limit = 128 << 20, Swap = 128 << 20 }, Cpu = new CpuResources { Quota = 70_000, Period = 100_000 } };

        await units.SetPropertiesAsync(Scope, UnitLimits.From(CgroupPlanner.PlanUpdate(cgroup.Placement, more), 252), Token);
        await SystemctlAsync("daemon-reload");

        Assert.Equal("134217728", File.ReadAllText(cgroup.FileOf("memory", "memory.max")).Trim());
        Assert.Equal("70000 100000", File.ReadAllText(cgroup.FileOf("cpu", "cpu.max")).Trim());
        Assert.Equal("23", File.ReadAllText(cgroup.FileOf("pids", "pids.max")).Trim());
        await units.StopAsync(Scope, Token);
        await units.StopAsync(Slice, Token);
    }

    [Fact(Explicit = true)]
    public async Task A_scope_whose_process_was_killed_is_collected_and_its_name_is_free()
    {
        for (int i = 0; i < 2; i++)
        {
            await using RealCgroup cgroup = new("/" + Slice, Scope, null);
            Process process = cgroup.Run("exec sleep 1000");
            await AdoptAsync(cgroup, process);
            await Assert.ThrowsAsync<SystemdException>(() => AdoptAsync(cgroup, process));
            process.Kill();
            await process.WaitForExitAsync(Token);
            for (int n = 0; n < 500 && await units.ActiveStateAsync(Scope, Token) != "inactive"; n++)
                await Task.Delay(20, Token);
            Assert.Equal("inactive", await units.ActiveStateAsync(Scope, Token));
        }
        await units.StopAsync(Scope, Token);
        await units.ResetFailedAsync(Scope, Token);
        await units.StopAsync(Slice, Token);
    }

    [Fact(Explicit = true)]
    public async Task Calls_survive_that_systemd_executes_anew_meanwhile()
    {
        Task<string>[] calls = [.. Enumerable.Range(0, 4).Select(_ => AskAsync())];
        await SystemctlAsync("daemon-reexec");
        string[] answers = await Task.WhenAll(calls);
        Assert.Single(answers.Distinct());

        async Task<string> AskAsync()
        {
            string answer = "";
            for (int i = 0; i < 40; i++)
                answer = await units.VersionAsync(Token);
            return answer;
        }
    }

    [Fact(Explicit = true)]
    public async Task What_systemd_refuses_is_said_with_the_unit_s_name()
    {
        SystemdException refusal = await Assert.ThrowsAsync<SystemdException>(() => units.StartTransientAsync(Scope, [new UnitProperty.Processes("PIDs", [])], Token));

        Assert.Contains(Scope, refusal.Message, StringComparison.Ordinal);
    }

    private Task AdoptAsync(RealCgroup cgroup, Process process) => units.StartTransientAsync(
        Scope,
        TransientUnits.Scope(Slice, "a test", process.Id, UnitLimits.From(cgroup.Setup.Steps.OfType<CgroupStep.WriteFile>().Where(w => w.Path.StartsWith(cgroup.Placement.Unified!.Path + "/", StringComparison.Ordinal)), 252)),
        Token);

    private static string[] Read(RealCgroup cgroup) =>
        [.. Files.Select(file => File.ReadAllText($"{cgroup.Placement.Unified!.Path}/{file}").Trim())];

    private static async Task SystemctlAsync(string command)
    {
        using Process systemctl = Process.Start("systemctl", command);
        await systemctl.WaitForExitAsync(Token);
        Assert.Equal(0, systemctl.ExitCode);
    }
}
