using CriRuntime.E2e.Harness;
using CriRuntime.Nri.Api;
using CriRuntime.Tests.NriPlugin;
using Grpc.Core;
using Api = CriRuntime.Nri.Api;

namespace CriRuntime.E2e.Nri;

/// <summary>Block I/O classes by plugins and by annotations, down to the kernel's throttle of a block device of this machine.</summary>
public sealed class BlockIoClassTests : IAsyncLifetime
{
    private static readonly bool s_v2 = File.Exists("/sys/fs/cgroup/cgroup.controllers");

    private readonly string _device = FindDevice();
    private Daemon _daemon = null!;
    private Runtime.V1.PodSandboxConfig _pod = null!;

    public async ValueTask InitializeAsync()
    {
        _daemon = await Daemon.StartAsync("blockio", daemon =>
        {
            string classes = Path.Combine(daemon.Base, "blockio.yaml");
            File.WriteAllText(classes, $"""
                Classes:
                  slow:
                    - Weight: 50
                    - Devices: [/dev/{_device}, "/dev/{_device}?"]
                      ThrottleReadBps: 12M
                      ThrottleWriteIOPS: 3k
                  writes:
                    - Devices: [/dev/{_device[..^1]}*]
                      ThrottleWriteBps: 1Mi
                """);
            File.WriteAllText(daemon.ConfigFile, $$"""{ "containers": { "blockIoClasses": "{{classes}}" } }""");
            Networks.Bridge(daemon);
        });
        await _daemon.ImportAsync(Cri.Busybox, TestImages.Busybox());
        _pod = _daemon.Pod("blockio");
    }

    public async ValueTask DisposeAsync() => await _daemon.DisposeAsync();

    [Fact]
    public async Task A_plugins_class_throttles_the_container_and_an_update_replaces_it()
    {
        await using FakePlugin plugin = await Plugins.JoinAsync(_daemon, "10", "io", p => p.Answer("CreateContainer", _ => new Api.CreateContainerResponse
        {
            Adjust = new ContainerAdjustment { Linux = new LinuxContainerAdjustment { Resources = InClass("slow") } },
        }));
        string podId = await _daemon.RunPodAsync(_pod);
        string id = await _daemon.StartNewAsync(podId, _pod, Cri.Container("app", "sleep", "1000"));
        Assert.Equal(("12000000", "max", "max", "3000"), Throttle(podId, id));
        Assert.Equal("slow", Assert.Single(plugin.Requests("StartContainer", ContainerEvent.Parser)).Container.Linux.Resources.BlockioClass.Value);

        Assert.Empty((await UpdateAsync(plugin, id, "writes")).Failed);
        Assert.Equal(("max", "1048576", "max", "max"), Throttle(podId, id));
        Assert.Single((await UpdateAsync(plugin, id, "unknown")).Failed);
        Assert.Equal(("max", "1048576", "max", "max"), Throttle(podId, id));
        Assert.Empty((await UpdateAsync(plugin, id, "")).Failed);
        Assert.Equal(("max", "max", "max", "max"), Throttle(podId, id));
    }

    [Fact]
    public async Task An_annotation_of_the_pod_chooses_the_class_and_an_unknown_one_is_refused()
    {
        _pod.Annotations.Add("blockio.resources.beta.kubernetes.io/pod", "gold");
        _pod.Annotations.Add("blockio.resources.beta.kubernetes.io/container.app", "slow");
        string podId = await _daemon.RunPodAsync(_pod);
        string id = await _daemon.StartNewAsync(podId, _pod, Cri.Container("app", "sleep", "1000"));
        Assert.Equal("12000000", Throttle(podId, id).ReadBps);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => _daemon.CreateAsync(podId, _pod, Cri.Container("other", "true")));
        Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
        Assert.Contains("block I/O class \"gold\" is not in", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("which has slow, writes", refused.Status.Detail, StringComparison.Ordinal);
    }

    /// <summary>Whole devices only; loop and ram devices are there where no disk is.</summary>
    private static string FindDevice()
    {
        foreach (string directory in Directory.GetDirectories("/sys/block").OrderBy(path => path.Contains("loop", StringComparison.Ordinal)))
        {
            if (File.Exists("/dev/" + Path.GetFileName(directory)))
                return Path.GetFileName(directory);
        }

        throw new InvalidOperationException("this machine has no block device that could be throttled");
    }

    private static Api.LinuxResources InClass(string name) => new() { BlockioClass = new OptionalString { Value = name } };

    private static Task<UpdateContainersResponse> UpdateAsync(FakePlugin plugin, string id, string name) => plugin.UpdateContainersAsync(
        new UpdateContainersRequest { Update = { new ContainerUpdate { ContainerId = id, Linux = new LinuxContainerUpdate { Resources = InClass(name) } } } });

    /// <summary>What the kernel has for the device; <c>max</c>: no throttle.</summary>
    private (string ReadBps, string WriteBps, string ReadIops, string WriteIops) Throttle(string podId, string id)
    {
        string cgroup = _daemon.ContainerCgroup(podId, id);
        string device = File.ReadAllText($"/sys/block/{_device}/dev").Trim() + " ";
        if (!s_v2)
            return (Legacy("read_bps"), Legacy("write_bps"), Legacy("read_iops"), Legacy("write_iops"));
        string[] words = Line($"/sys/fs/cgroup{cgroup}/io.max").Split(' ');
        return (Unified("rbps="), Unified("wbps="), Unified("riops="), Unified("wiops="));

        string Line(string file) => Array.Find(File.ReadAllLines(file), line => line.StartsWith(device, StringComparison.Ordinal))?[device.Length..] ?? "";
        string Legacy(string kind) => Line($"/sys/fs/cgroup/blkio{cgroup}/blkio.throttle.{kind}_device") is { Length: > 0 } rate ? rate : "max";
        string Unified(string key) => Array.Find(words, word => word.StartsWith(key, StringComparison.Ordinal))?[key.Length..] ?? "max";
    }
}
