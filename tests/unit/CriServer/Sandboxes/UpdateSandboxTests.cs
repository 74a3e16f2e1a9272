using System.Text;
using System.Text.Json.Nodes;
using CriRuntime.CriServer.Errors;
using CriRuntime.CriServer.Sandboxes;
using CriRuntime.CriServer.Services;
using CriRuntime.CriServer.Specs;
using CriRuntime.CriServer.State;
using CriRuntime.CriServer.Tests.Fakes;

namespace CriRuntime.CriServer.Tests.Sandboxes;

public sealed class UpdateSandboxTests : IDisposable
{
    private readonly Daemon _daemon = new();

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public async Task A_pods_resources_and_overhead_are_recorded_each_on_its_own_and_no_cgroup_is_touched()
    {
        string pod = await _daemon.RunAsync();
        await UpdateAsync(pod, overhead: new ContainerResources { MemoryLimit = 16 << 20 });
        await UpdateAsync(pod, resources: new ContainerResources { MemoryLimit = 64 << 20 });

        PodSandbox saved = StateJson.ReadPod(File.ReadAllBytes(_daemon.State.Directories.PodFile(pod)));
        Assert.Equal((16 << 20, 64 << 20), (saved.Overhead!.MemoryLimit, saved.Resources!.MemoryLimit));
        Assert.Null(saved.Config.Resources);
        Assert.Empty(_daemon.Cgroups.Updates);
        JsonNode info = JsonNode.Parse(VerboseInfo.OfPod(saved, 0, 0, _daemon.State.Directories))!;
        Assert.Equal(64 << 20, (long)info["config"]!["resources"]!["memoryLimit"]!);
        Assert.Equal(16 << 20, (long)info["config"]!["overhead"]!["memoryLimit"]!);
    }

    [Fact]
    public async Task A_record_from_before_there_were_updates_is_read()
    {
        string pod = await _daemon.RunAsync();
        JsonObject record = JsonNode.Parse(StateJson.Write(_daemon.State.Pods.Get(pod)))!.AsObject();
        Assert.True(record.Remove("updatedResources") && record.Remove("updatedOverhead"));
        Assert.Null(StateJson.ReadPod(Encoding.UTF8.GetBytes(record.ToJsonString())).Resources);
    }

    [Fact]
    public async Task A_pod_that_is_not_ready_is_refused()
    {
        string pod = await _daemon.RunAsync();
        await _daemon.StopPod.ExecuteAsync(pod, TestContext.Current.CancellationToken);
        await RefusedAsync(CriErrorKind.FailedPrecondition, pod, new ContainerResources { CpuShares = 2 });
    }

    [Fact]
    public async Task Bad_values_and_unknown_pods_are_refused_and_change_nothing()
    {
        string pod = await _daemon.RunAsync();
        PodSandbox before = _daemon.State.Pods.Get(pod);
        await RefusedAsync(CriErrorKind.InvalidArgument, pod, new ContainerResources { MemoryLimit = -5 });
        await RefusedAsync(CriErrorKind.NotFound, new string('e', 64), new ContainerResources { CpuShares = 2 });
        Assert.Same(before, _daemon.State.Pods.Get(pod));
    }

    private Task UpdateAsync(string pod, ContainerResources? overhead = null, ContainerResources? resources = null) =>
        _daemon.UpdatePod.ExecuteAsync(pod, overhead, resources, TestContext.Current.CancellationToken);

    private async Task RefusedAsync(CriErrorKind kind, string pod, ContainerResources resources) =>
        Assert.Equal(kind, (await Assert.ThrowsAsync<CriException>(() => UpdateAsync(pod, resources: resources))).Kind);
}
