using System.Text;
using System.Text.Json.Nodes;
using CriRuntime.CriServer.Containers;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Tests.Fakes;
using CriRuntime.Linux;
using CriRuntime.Oci.Cgroups;
using CriRuntime.Oci.Specs;

namespace CriRuntime.CriServer.Tests.Containers;

public sealed class UpdateContainerTests : IDisposable
{
    private static readonly ContainerResources Requested = new() { MemoryLimit = 64 << 20, CpuQuota = 50_000, CpuPeriod = 100_000, OomScoreAdj = 900 };

    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task A_running_container_gets_the_new_limits_and_keeps_the_others()
    {
        string id = await StartAsync();
        await UpdateAsync(id, new ContainerResources { MemoryLimit = 128 << 20 });

        LinuxResources written = Assert.Single(_daemon.Cgroups.Updates);
        Assert.Equal(new MemoryResources { Limit = 128 << 20, Swap = 128 << 20 }, written.Memory);
        Assert.Null(written.Cpu);
        Container container = _daemon.State.Containers.Get(id);
        Assert.Equal((128 << 20, 50_000, 900), (container.Resources.MemoryLimit, container.Resources.CpuQuota, container.Resources.OomScoreAdj));
        Assert.Equal(64 << 20, container.Config.Resources.MemoryLimit);
        Assert.Empty(_daemon.Cgroups.OomScores);
    }

    [Fact]
    public async Task A_created_container_can_be_updated_and_its_saved_spec_follows()
    {
        string id = await CreateAsync();
        await UpdateAsync(id, new ContainerResources { CpuShares = 300, OomScoreAdj = 950 });

        Spec spec = new ContainerSpecs(_daemon.State.Directories).Get(_daemon.State.Containers.Get(id));
        Assert.Equal(300UL, spec.Linux!.Resources!.Cpu!.Shares);
        Assert.Equal(50_000, spec.Linux.Resources.Cpu.Quota);
        Assert.NotEmpty(spec.Linux.Resources.Devices);
        Assert.Equal(950, spec.Process!.OomScoreAdj);
        Assert.Equal([950], _daemon.Cgroups.OomScores);
    }

    [Fact]
    public async Task New_resources_survive_the_daemon()
    {
        string id = await StartAsync();
        await UpdateAsync(id, new ContainerResources { CpuShares = 300 });
        Container saved = StateJson.ReadContainer(File.ReadAllBytes(_daemon.State.Directories.ContainerFile(_daemon.State.Containers.Get(id).SandboxId, id)));
        Assert.Equal((300, 64 << 20), (saved.Resources.CpuShares, saved.Resources.MemoryLimit));
    }

    [Fact]
    public async Task A_record_from_before_there_were_updates_is_read()
    {
        string id = await CreateAsync();
        JsonObject record = JsonNode.Parse(StateJson.Write(_daemon.State.Containers.Get(id)))!.AsObject();
        Assert.True(record.Remove("updatedResources"));
        Assert.Equal(64 << 20, StateJson.ReadContainer(Encoding.UTF8.GetBytes(record.ToJsonString())).Resources.MemoryLimit);
    }

    [Fact]
    public async Task An_ended_container_is_refused()
    {
        string id = await StartAsync();
        await _daemon.Stop.ExecuteAsync(id, 0, TestContext.Current.CancellationToken);
        CriException refused = await RefusedAsync(CriErrorKind.FailedPrecondition, id, new ContainerResources { CpuShares = 300 });
        Assert.Contains("Exited", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_daemon.Cgroups.Updates);
    }

    [Fact]
    public async Task A_container_that_does_not_exist_is_not_found() =>
        await RefusedAsync(CriErrorKind.NotFound, new string('e', 64), new ContainerResources { CpuShares = 300 });

    public static TheoryData<ContainerResources> Bad =>
    [
        new ContainerResources { CpuShares = -1 },
        new ContainerResources { CpuShares = long.MaxValue },
        new ContainerResources { CpuPeriod = -1 },
        new ContainerResources { CpuPeriod = 999 },
        new ContainerResources { CpuPeriod = 1_000_001 },
        new ContainerResources { CpuQuota = 1 },
        new ContainerResources { MemoryLimit = -1 },
        new ContainerResources { MemoryLimit = long.MinValue },
        new ContainerResources { MemorySwapLimit = -2 },
        new ContainerResources { OomScoreAdj = 1001 },
        new ContainerResources { CpusetCpus = "0;1" },
        new ContainerResources { CpusetMems = "a\n" },
        new ContainerResources { CpusetCpus = new string('1', 10_000) },
        new ContainerResources { Unified = new(StringComparer.Ordinal) { ["../memory.max"] = "1" } },
        new ContainerResources { Unified = new(StringComparer.Ordinal) { ["memory"] = "1" } },
        new ContainerResources { Unified = new(StringComparer.Ordinal) { ["memory.max"] = "1\0" } },
    ];

    [Theory]
    [MemberData(nameof(Bad), DisableDiscoveryEnumeration = true)]
    public async Task Values_that_no_container_can_have_change_nothing(ContainerResources bad)
    {
        string id = await StartAsync();
        Container before = _daemon.State.Containers.Get(id);
        await RefusedAsync(CriErrorKind.InvalidArgument, id, bad);
        Assert.Empty(_daemon.Cgroups.Updates);
        Assert.Same(before, _daemon.State.Containers.Get(id));
    }

    [Fact]
    public async Task A_memory_limit_above_the_swap_limit_that_stays_is_refused()
    {
        string id = await StartAsync();
        await UpdateAsync(id, new ContainerResources { MemorySwapLimit = 70 << 20 });
        SpecException refused = await Assert.ThrowsAsync<SpecException>(() => UpdateAsync(id, new ContainerResources { MemoryLimit = 80 << 20 }));
        Assert.Equal(Grpc.Core.StatusCode.InvalidArgument, StatusMapping.ToStatus(refused).StatusCode);
        Assert.Single(_daemon.Cgroups.Updates);
    }

    [Fact]
    public async Task Unified_settings_need_cgroup_v2()
    {
        string id = await StartAsync();
        await RefusedAsync(CriErrorKind.FailedPrecondition, id, new ContainerResources { Unified = new(StringComparer.Ordinal) { ["memory.max"] = "1" } });
        Assert.Empty(_daemon.Cgroups.Updates);
    }

    [Theory]
    [InlineData(Errno.EINVAL, CriErrorKind.InvalidArgument)]
    [InlineData(Errno.ENOENT, CriErrorKind.InvalidArgument)]
    [InlineData(Errno.EBUSY, CriErrorKind.FailedPrecondition)]
    [InlineData(Errno.EIO, CriErrorKind.Internal)]
    public async Task What_the_kernel_refuses_changes_nothing_and_names_the_container(Errno errno, CriErrorKind kind)
    {
        string id = await StartAsync();
        Container before = _daemon.State.Containers.Get(id);
        _daemon.Cgroups.UpdateFails = new LinuxException("write \"1\" to", "/sys/fs/cgroup/x", errno);
        CriException refused = await RefusedAsync(kind, id, new ContainerResources { CpuShares = 300 });
        Assert.Contains(id, refused.Message, StringComparison.Ordinal);
        Assert.Same(before, _daemon.State.Containers.Get(id));
    }

    [Fact]
    public async Task Usage_above_the_new_limit_is_a_failed_precondition()
    {
        string id = await StartAsync();
        _daemon.Cgroups.UpdateFails = new CgroupException("the memory limit (1) is below the present usage (2)");
        CriException refused = await RefusedAsync(CriErrorKind.FailedPrecondition, id, new ContainerResources { MemoryLimit = 1 << 20 });
        Assert.Contains("below the present usage (2)", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_spec_cant_be_saved_the_former_limits_come_back()
    {
        string id = await StartAsync();
        Container before = _daemon.State.Containers.Get(id);
        string specs = _daemon.State.Directories.Specs(before.SandboxId);
        Directory.Move(specs, specs + ".away");
        await Assert.ThrowsAnyAsync<IOException>(() => UpdateAsync(id, new ContainerResources { CpuShares = 300 }));
        Directory.Move(specs + ".away", specs);
        Assert.Equal(1, _daemon.Cgroups.Reverted);
        Assert.Same(before, _daemon.State.Containers.Get(id));
    }

    private Task<string> CreateAsync() => CreateInAsync(_daemon.RunAsync());

    private async Task<string> CreateInAsync(Task<string> pod) =>
        await _daemon.Create.ExecuteAsync(await pod, Daemon.ContainerConfig() with { Resources = Requested }, TestContext.Current.CancellationToken);

    private async Task<string> StartAsync()
    {
        string id = await CreateAsync();
        await _daemon.Start.ExecuteAsync(id, TestContext.Current.CancellationToken);
        return id;
    }

    private Task UpdateAsync(string id, ContainerResources resources) => _daemon.Update.ExecuteAsync(id, resources, TestContext.Current.CancellationToken);

    private async Task<CriException> RefusedAsync(CriErrorKind kind, string id, ContainerResources resources)
    {
        CriException refused = await Assert.ThrowsAsync<CriException>(() => UpdateAsync(id, resources));
        Assert.True(kind == refused.Kind, $"{refused.Kind}: {refused.Message}");
        return refused;
    }
}
